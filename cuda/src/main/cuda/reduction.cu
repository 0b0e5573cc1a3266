// Many values into one, always combined in the same order: which thread takes which values follows from shapes alone.
#include "elements.cuh"

enum Reduction {
    SUM, MEAN, PRODUCT, MAX, MIN, SUM_ABSOLUTE, SUM_SQUARES, LOGSUMEXP, SUM_SQUARED_DEVIATIONS, ANY, ALL
};

struct Reduce {
    char* out;
    const char* in;
    int64 outputs;
    int64 count;
    int64 parts;
    int64 kept[RANK];
    int64 keptOut[RANK];
    int64 keptIn[RANK];
    int64 reduced[RANK];
    int64 reducedIn[RANK];
    int64 start;
    double realStart;
    double divisor;
    int keptRank;
    int reducedRank;
    int reduction;
    int outType;
    int inType;
};

template <class V> __device__ inline V absolute(V x) { return x < 0 ? -x : x; }
template <> __device__ inline double absolute(double x) { return fabs(x); }

// What a value counts as.
template <class V> __device__ inline V taken(V x, int reduction) {
    switch (reduction) {
        case SUM_ABSOLUTE: return absolute(x);
        case SUM_SQUARES: return x * x;
        case ANY: case ALL: return x != 0;
        default: return x;
    }
}

template <class V> __device__ inline V combined(V a, V b, int reduction) {
    switch (reduction) {
        case PRODUCT: case ALL: return a * b;
        case MAX: return larger(a, b);
        case MIN: return smaller(a, b);
        case ANY: return a != 0 || b != 0;
        default: return a + b;
    }
}
template <> __device__ inline int64 combined(int64 a, int64 b, int reduction) {
    switch (reduction) {
        case PRODUCT: case ALL: return a * b;
        case MAX: return a > b ? a : b;
        case MIN: return a < b ? a : b;
        case ANY: return a != 0 || b != 0;
        default: return a + b;
    }
}

__device__ inline double load(const Reduce& p, int64 at, double) { return loadReal(p.in, p.inType, at); }
__device__ inline int64 load(const Reduce& p, int64 at, int64) { return loadWhole(p.in, p.inType, at); }

// This lane's share of values [from, to) of the reduced dimensions, by `each`, and then that of all lanes.
template <class V, class Each>
__device__ inline V overLanes(const Reduce& p, int64 base, int64 from, int64 to, V start, int reduction, Each each) {
    V mine = start;
    for (int64 i = from + threadIdx.x; i < to; i += LANES) {
        mine = combined(mine, each(load(p, base + place(p.reducedIn, p.reduced, p.reducedRank, i), V())), reduction);
    }
    for (int step = LANES / 2; step > 0; step /= 2) {
        mine = combined(mine, __shfl_xor_sync(EVERY_LANE, mine, step), reduction);
    }
    return mine;
}

// One warp to a part of an output: outputs·parts results, which are the outputs where there is one part.
extern "C" __global__ void reduce_real(const Reduce p) {
    for (int64 at = blockIdx.x; at < p.outputs * p.parts; at += gridDim.x) {
        int64 output = at / p.parts;
        int64 part = at % p.parts;
        int64 base = place(p.keptIn, p.kept, p.keptRank, output);
        int64 from = part * p.count / p.parts;
        int64 to = (part + 1) * p.count / p.parts;
        double result;
        if (p.reduction == LOGSUMEXP) {
            double most = overLanes(p, base, from, to, -infinity<double>(), MAX, [](double x) { return x; });
            double shift = most == -infinity<double>() || most == infinity<double>() ? 0 : most;
            double sum = overLanes(p, base, from, to, 0.0, SUM, [&](double x) { return exp(x - shift); });
            result = shift + log(sum);
        } else if (p.reduction == SUM_SQUARED_DEVIATIONS) {
            double mean = overLanes(p, base, from, to, 0.0, SUM, [](double x) { return x; }) / p.count;
            result = overLanes(p, base, from, to, 0.0, SUM, [&](double x) { return (x - mean) * (x - mean); });
        } else {
            int reduction = p.reduction;
            result = overLanes(p, base, from, to, p.realStart, reduction, [=](double x) { return taken(x, reduction); });
            result = reduction == MEAN ? result / p.divisor : result;
        }
        if (threadIdx.x == 0) {
            int64 to = p.parts == 1 ? place(p.keptOut, p.kept, p.keptRank, output) : at;
            store(p.out, p.outType, to, result);
        }
    }
}

extern "C" __global__ void reduce_whole(const Reduce p) {
    for (int64 at = blockIdx.x; at < p.outputs * p.parts; at += gridDim.x) {
        int64 output = at / p.parts;
        int64 part = at % p.parts;
        int64 base = place(p.keptIn, p.kept, p.keptRank, output);
        int reduction = p.reduction;
        int64 result = overLanes(p, base, part * p.count / p.parts, (part + 1) * p.count / p.parts, p.start, reduction,
                                 [=](int64 x) { return taken(x, reduction); });
        if (threadIdx.x == 0) {
            int64 to = p.parts == 1 ? place(p.keptOut, p.kept, p.keptRank, output) : at;
            store(p.out, p.outType, to, result);
        }
    }
}

struct Lines {
    char* out;
    const char* in;
    int64 lines;
    int64 count;
    int64 shape[RANK];
    int64 out_strides[RANK];
    int64 in_strides[RANK];
    int64 outStep;
    int64 inStep;
    int rank;
    int outType;
    int inType;
    int kind;
    int reverse;
};

__device__ inline double load(const Lines& p, int64 at, double) { return loadReal(p.in, p.inType, at); }
__device__ inline int64 load(const Lines& p, int64 at, int64) { return loadWhole(p.in, p.inType, at); }

// Whether a stands before b among the largest (or smallest): a NaN before any number, the first of equals.
template <class V> __device__ inline bool wins(V a, int64 atA, V b, int64 atB, int largest) {
    bool noA = a != a;
    bool noB = b != b;
    if (noA != noB) {
        return noA;
    }
    if (!noA && a != b) {
        return largest ? a > b : a < b;
    }
    return atA < atB;
}

// The place of the largest or smallest value of a line: one warp to a line.
template <class V> __device__ void argument(const Lines& p) {
    for (int64 line = blockIdx.x; line < p.lines; line += gridDim.x) {
        int64 base = place(p.in_strides, p.shape, p.rank, line);
        int64 where = threadIdx.x < p.count ? threadIdx.x : 0;
        V best = load(p, base + where * p.inStep, V());
        for (int64 i = threadIdx.x + LANES; i < p.count; i += LANES) {
            V x = load(p, base + i * p.inStep, V());
            if (wins(x, i, best, where, p.kind)) {
                best = x;
                where = i;
            }
        }
        for (int step = LANES / 2; step > 0; step /= 2) {
            V x = __shfl_xor_sync(EVERY_LANE, best, step);
            int64 i = __shfl_xor_sync(EVERY_LANE, where, step);
            if (wins(x, i, best, where, p.kind)) {
                best = x;
                where = i;
            }
        }
        if (threadIdx.x == 0) {
            ((int64*)p.out)[place(p.out_strides, p.shape, p.rank, line)] = where;
        }
    }
}
extern "C" __global__ void argument_real(const Lines p) { argument<double>(p); }
extern "C" __global__ void argument_whole(const Lines p) { argument<int64>(p); }

// Running sum, product or maximum of a line: one thread to a line.
template <class V> __device__ void scan(const Lines& p) {
    int reduction = p.kind == 0 ? SUM : p.kind == 1 ? PRODUCT : MAX;
    for (int64 line = self(); line < p.lines; line += all()) {
        int64 from = place(p.in_strides, p.shape, p.rank, line);
        int64 to = place(p.out_strides, p.shape, p.rank, line);
        V carried = 0;
        for (int64 i = 0; i < p.count; i++) {
            int64 at = p.reverse ? p.count - 1 - i : i;
            V x = load(p, from + at * p.inStep, V());
            carried = i == 0 ? x : combined(carried, x, reduction);
            store(p.out, p.outType, to + at * p.outStep, carried);
        }
    }
}
extern "C" __global__ void scan_real(const Lines p) { scan<double>(p); }
extern "C" __global__ void scan_whole(const Lines p) { scan<int64>(p); }

struct Sort {
    char* values;
    int64* indices;
    const char* x;
    int64 rows;
    int64 n;
    int64 kept;
    int dtype;
    int descending;
};

__device__ inline bool below(double a, double b) { return a < b || (a == a && b != b); }
__device__ inline bool below(int64 a, int64 b) { return a < b; }

__device__ inline double load(const Sort& p, int64 at, double) { return loadReal(p.x, p.dtype, at); }
__device__ inline int64 load(const Sort& p, int64 at, int64) { return loadWhole(p.x, p.dtype, at); }

// The place of a value among those of its row is the number of those that stand before it: one thread to a value. The
// first `kept` are written.
template <class V> __device__ void sort(const Sort& p) {
    for (int64 at = self(); at < p.rows * p.n; at += all()) {
        int64 row = at / p.n;
        int64 j = at % p.n;
        V mine = load(p, at, V());
        int64 rank = 0;
        for (int64 i = 0; i < p.n && rank < p.kept; i++) {
            V other = load(p, row * p.n + i, V());
            bool before = p.descending ? below(mine, other) : below(other, mine);
            bool after = p.descending ? below(other, mine) : below(mine, other);
            rank += before || (!after && i < j);
        }
        if (rank < p.kept) {
            store(p.values, p.dtype, row * p.kept + rank, mine);
            p.indices[row * p.kept + rank] = j;
        }
    }
}
extern "C" __global__ void sort_real(const Sort p) { sort<double>(p); }
extern "C" __global__ void sort_whole(const Sort p) { sort<int64>(p); }

struct Softmax {
    void* out;
    const void* x;
    const void* y;
    int64 rows;
    int64 n;
};

// One warp to a row. A row of nothing but −∞ gives NaN, as do rows with +∞ or NaN.
template <class E, bool logarithmic> __device__ inline void softmaxRows(const Softmax& p) {
    typedef Real<E> R;
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const E* x = (const E*)p.x + row * p.n;
        E* out = (E*)p.out + row * p.n;
        R most = -infinity<R>();
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            most = larger(most, real(x[j]));
        }
        most = largestOfLanes(most);
        R sum = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            sum += exponential(real(x[j]) - most);
        }
        sum = sumOfLanes(sum);
        R log = logarithm(sum);
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R shifted = real(x[j]) - most;
            put(out + j, logarithmic ? shifted - log : exponential(shifted) / sum);
        }
    }
}
template <class E> __device__ void softmax(const Softmax& p) { softmaxRows<E, false>(p); }
FLOATING(softmax, Softmax)
template <class E> __device__ void log_softmax(const Softmax& p) { softmaxRows<E, true>(p); }
FLOATING(log_softmax, Softmax)

// x is the gradient of the result y: dx = y·(dy − Σ y·dy), or for the logarithm dy − exp(y)·Σ dy.
template <class E, bool logarithmic> __device__ inline void softmaxGradient(const Softmax& p) {
    typedef Real<E> R;
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const E* dy = (const E*)p.x + row * p.n;
        const E* y = (const E*)p.y + row * p.n;
        R sum = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            sum += logarithmic ? real(dy[j]) : real(y[j]) * real(dy[j]);
        }
        sum = sumOfLanes(sum);
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R slope = logarithmic ? real(dy[j]) - exponential(real(y[j])) * sum : real(y[j]) * (real(dy[j]) - sum);
            put((E*)p.out + row * p.n + j, slope);
        }
    }
}
template <class E> __device__ void softmax_gradient(const Softmax& p) { softmaxGradient<E, false>(p); }
FLOATING(softmax_gradient, Softmax)
template <class E> __device__ void log_softmax_gradient(const Softmax& p) { softmaxGradient<E, true>(p); }
FLOATING(log_softmax_gradient, Softmax)
