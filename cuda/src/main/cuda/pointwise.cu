// Pointwise operations, copies, fills and ranges: one thread to an element, elements in the order of the shape.
//
// Floating values are computed in float64 and rounded to the dtype, which for one addition, product, quotient or root
// of float32 is the float32 result. Integers are computed in 64 bits, of which the low ones are kept.
#include "elements.cuh"

struct Array {
    char* data;
    int64 strides[RANK];
};

struct Map {
    Array out;
    Array inputs[3];
    int64 shape[RANK];
    int64 size;
    double p;
    double q;
    int64 wholeP;
    int64 wholeQ;
    int rank;
    int outType;
    int types[3];
};

// Op::at(a, b, c, p, q) in float64 where the last input is floating, else in 64-bit integers.
template <class Op, int inputs> __device__ void map(const Map& m) {
    for (int64 i = self(); i < m.size; i += all()) {
        int64 out = 0;
        int64 at[inputs] = {};
        int64 index = i;
#pragma unroll 1
        for (int d = m.rank - 1; d >= 0; d--) {
            int64 rest = d == 0 ? 0 : index / m.shape[d];
            int64 along = index - rest * m.shape[d];
            out += along * m.out.strides[d];
            for (int k = 0; k < inputs; k++) {
                at[k] += along * m.inputs[k].strides[d];
            }
            index = rest;
        }
        if (isReal(m.types[inputs - 1])) {
            double x[3];
            for (int k = 0; k < inputs; k++) {
                x[k] = isReal(m.types[k]) ? loadReal(m.inputs[k].data, m.types[k], at[k])
                                          : (double)loadWhole(m.inputs[k].data, m.types[k], at[k]);
            }
            store(m.out.data, m.outType, out, (double)Op::at(x[0], x[inputs > 1], x[inputs - 1], m.p, m.q));
        } else {
            int64 x[3];
            for (int k = 0; k < inputs; k++) {
                x[k] = loadWhole(m.inputs[k].data, m.types[k], at[k]);
            }
            int64 y = (int64)Op::at(x[0], x[inputs > 1], x[inputs - 1], m.wholeP, m.wholeQ);
            store(m.out.data, m.outType, out, y);
        }
    }
}

#define MAP(name, inputs, computed, whole)                                                              \
    struct name##_op {                                                                               \
        static __device__ double at(double a, double b, double c, double p, double q) { return computed; } \
        static __device__ int64 at(int64 a, int64 b, int64 c, int64 p, int64 q) { return whole; }    \
    };                                                                                               \
    extern "C" __global__ void map_##name(const Map m) { map<name##_op, inputs>(m); }

// An operation that integers have no meaning for.
#define MAP_REAL(name, inputs, computed) MAP(name, inputs, computed, 0)

__device__ inline double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
__device__ inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

const double ROOT = 0.7978845608028654;    // sqrt(2 / pi)
const double CUBIC = 0.044715 * ROOT;
const double HALF_ROOT = 0.7071067811865476;
const double DENSITY = 0.3989422804014327; // 1 / sqrt(2 pi)
const double SLOPE = 1.1283791670955126;   // 2 / sqrt(pi)

__device__ inline double normalBelow(double x) { return 0.5 * erfc(-x * HALF_ROOT); }
__device__ inline double geluArgument(double x) { return x * (ROOT + CUBIC * x * x); }

__device__ inline double geluTanhSlope(double x) {
    double s = 1 / (1 + exp(-2 * geluArgument(x)));
    double change = fabs(x) > 20 ? 0 : x * s * (1 - s) * (2 * (ROOT + 3 * CUBIC * x * x));
    return s + change;
}

__device__ inline double siluSlope(double x) {
    double s = sigmoid(x);
    return s * (1 + x * (1 - s));
}

// The rest has the sign of the divisor.
__device__ inline double remainderOf(double a, double b) {
    double rest = fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

__device__ inline int64 remainderOf(int64 a, int64 b) {
    int64 rest = b == -1 ? 0 : a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

__device__ inline int64 floorQuotient(int64 a, int64 b) {
    return b == -1 ? (int64)(0 - (unsigned long long)a) : a / b - (a % b != 0 && (a < 0) != (b < 0));
}

__device__ inline int64 bounded(int64 x, int64 low, int64 high) {
    int64 above = x > low ? x : low;
    return above < high ? above : high;
}

MAP(abs, 1, fabs(a), a < 0 ? -a : a)
MAP_REAL(abs_grad, 2, sign(a) * b)
MAP(add, 2, a + b, a + b)
MAP(add_scalar, 1, a + p, a + p)
MAP_REAL(add_scaled, 2, fma(p, b, a))
MAP_REAL(affine, 1, fma(a, p, q))
MAP(ceil, 1, ::ceil(a), a)
MAP(clamp, 1, smaller(larger(a, p), q), bounded(a, p, q))
MAP_REAL(clamp_grad, 2, a >= p && a <= q ? b : 0)
MAP_REAL(cos, 1, ::cos(a))
MAP_REAL(div, 2, a / b)
MAP_REAL(elu, 1, a > 0 ? a : p * ::expm1(a))
MAP_REAL(elu_grad, 2, a > 0 ? b : p * ::exp(a) * b)
MAP(eq, 2, a == b, a == b)
MAP_REAL(erf, 1, ::erf(a))
MAP_REAL(erf_grad, 2, SLOPE * ::exp(-a * a) * b)
MAP_REAL(exp, 1, ::exp(a))
MAP_REAL(expm1, 1, ::expm1(a))
MAP(floor, 1, ::floor(a), a)
MAP(floor_divide, 2, ::floor(a / b), floorQuotient(a, b))
MAP_REAL(gelu, 1, a * normalBelow(a))
MAP_REAL(gelu_grad, 2, (normalBelow(a) + a * (DENSITY * ::exp(-0.5 * a * a))) * b)
MAP_REAL(gelu_tanh, 1, a / (1 + ::exp(-2 * geluArgument(a))))
MAP_REAL(gelu_tanh_grad, 2, geluTanhSlope(a) * b)
MAP(gt, 2, a > b, a > b)
MAP(ge, 2, a >= b, a >= b)
MAP_REAL(isfinite, 1, fabs(a) < infinity<double>())
MAP_REAL(isinf, 1, fabs(a) == infinity<double>())
MAP_REAL(isnan, 1, a != a)
MAP_REAL(leaky_relu, 1, a > 0 ? a : p * a)
MAP_REAL(leaky_relu_grad, 2, a > 0 ? b : p * b)
MAP_REAL(lerp, 3, fma(c, b - a, a))
MAP(lt, 2, a < b, a < b)
MAP(le, 2, a <= b, a <= b)
MAP_REAL(log, 1, ::log(a))
MAP_REAL(log1p, 1, ::log1p(a))
MAP(logical_and, 2, a != 0 && b != 0, a != 0 && b != 0)
MAP(logical_not, 1, a == 0, a == 0)
MAP(logical_or, 2, a != 0 || b != 0, a != 0 || b != 0)
MAP(logical_xor, 2, a != b, a != b)
MAP(maximum, 2, larger(a, b), a > b ? a : b)
MAP(minimum, 2, smaller(a, b), a < b ? a : b)
MAP(mul, 2, a * b, a * b)
MAP(mul_scalar, 1, a * p, a * p)
MAP(multiply_add, 3, fma(a, b, c), a * b + c)
MAP(ne, 2, a != b, a != b)
MAP(neg, 1, -a, -a)
MAP_REAL(pow, 2, ::pow(a, b))
MAP_REAL(pow_scalar, 1, ::pow(a, p))
MAP_REAL(reciprocal, 1, 1 / a)
MAP_REAL(reciprocal_grad, 2, -a * a * b)
MAP(relu, 1, larger(a, 0.0), a > 0 ? a : 0)
MAP_REAL(relu_grad, 2, a <= 0 ? 0 : b)
MAP(remainder, 2, remainderOf(a, b), remainderOf(a, b))
MAP(round, 1, ::rint(a), a)
MAP_REAL(rsqrt, 1, 1 / ::sqrt(a))
MAP_REAL(rsqrt_grad, 2, -0.5 * a * a * a * b)
MAP_REAL(sigmoid, 1, sigmoid(a))
MAP_REAL(sigmoid_grad, 2, a * (1 - a) * b)
MAP(sign, 1, sign(a), a > 0 ? 1 : a < 0 ? -1 : 0)
MAP_REAL(silu, 1, a / (1 + ::exp(-a)))
MAP_REAL(silu_grad, 2, siluSlope(a) * b)
MAP_REAL(sin, 1, ::sin(a))
MAP_REAL(softplus, 1, larger(a, 0.0) + ::log1p(::exp(-fabs(a))))
MAP_REAL(softplus_grad, 2, b * sigmoid(a))
MAP_REAL(sqrt, 1, ::sqrt(a))
MAP_REAL(sqrt_grad, 2, 0.5 * b / a)
MAP(square, 1, a * a, a * a)
MAP_REAL(square_grad, 2, 2 * a * b)
MAP(sub, 2, a - b, a - b)
MAP_REAL(tanh, 1, ::tanh(a))
MAP_REAL(tanh_grad, 2, (1 - a * a) * b)
MAP(where, 3, a != 0 ? b : c, a != 0 ? b : c)

struct Copy {
    Array out;
    Array in;
    int64 shape[RANK];
    int64 size;
    int rank;
    int outType;
    int inType;
};

template <class E> __device__ inline void move(const Copy& p, int64 to, int64 from) {
    ((E*)p.out.data)[to] = ((const E*)p.in.data)[from];
}

extern "C" __global__ void copy(const Copy p) {
    for (int64 i = self(); i < p.size; i += all()) {
        int64 to = place(p.out.strides, p.shape, p.rank, i);
        int64 from = place(p.in.strides, p.shape, p.rank, i);
        if (p.inType != p.outType && isReal(p.inType)) {
            store(p.out.data, p.outType, to, loadReal(p.in.data, p.inType, from));
        } else if (p.inType != p.outType) {
            store(p.out.data, p.outType, to, loadWhole(p.in.data, p.inType, from));
        } else {
            switch (p.inType) {
                case FLOAT64: case INT64: move<int64>(p, to, from); break;
                case FLOAT32: case INT32: move<int>(p, to, from); break;
                case BFLOAT16: move<short>(p, to, from); break;
                default: move<char>(p, to, from);
            }
        }
    }
}

struct Range {
    Array out;
    int64 shape[RANK];
    int64 size;
    double start;
    double step;
    int rank;
    int outType;
};

// out[i] = start + i·step; a fill is a range without steps.
extern "C" __global__ void range(const Range p) {
    for (int64 i = self(); i < p.size; i += all()) {
        double value = p.step == 0 ? p.start : p.start + i * p.step;
        store(p.out.data, p.outType, place(p.out.strides, p.shape, p.rank, i), value);
    }
}

struct FindZero {
    char* data;
    int64* found;
    int64 strides[RANK];
    int64 shape[RANK];
    int64 size;
    int rank;
    int dtype;
};

// The first place of an integer 0 in the order of the shape, or the size where there is none; one block.
extern "C" __global__ void find_zero(const FindZero p) {
    __shared__ int64 first[LANES];
    int64 mine = p.size;
    for (int64 i = threadIdx.x; i < p.size && mine == p.size; i += LANES) {
        if (loadWhole(p.data, p.dtype, place(p.strides, p.shape, p.rank, i)) == 0) {
            mine = i;
        }
    }
    first[threadIdx.x] = mine;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int lane = 1; lane < LANES; lane++) {
            mine = first[lane] < mine ? first[lane] : mine;
        }
        *p.found = mine;
    }
}
