// Softmax attention without the score matrix in memory: one warp to a query, or in the backward pass to a key. A lane
// forms the score of one of 32 neighbours; then each lane sums the elements of its own columns over them, in their order.
#include "common.cuh"

// A view [b, h, t, d] whose last stride is 1.
struct Heads {
    char* data;
    int64 strides[3];
};

struct Attention {
    Heads q;
    Heads k;
    Heads v;
    Heads out;
    Heads dOut;
    Heads dq;
    Heads dk;
    Heads dv;
    void* logSumExp; // [b, h, t]
    void* dots;      // Σ dOut·out of each query, [b, h, t]
    void* dBias;     // [b, h, t, s]
    const void* bias;
    const unsigned char* padding;
    int64 biasStrides[4];
    int64 paddingStrides[2];
    int64 b;
    int64 h;
    int64 g;
    int64 t;
    int64 s;
    int64 d;
    int64 e;
    int64 window;
    double scale;
    double cap;
    int causal;
};

template <class E> __device__ inline E* row(const Heads& heads, int64 b, int64 h, int64 t) {
    return (E*)heads.data + b * heads.strides[0] + h * heads.strides[1] + t * heads.strides[2];
}

template <class E> __device__ inline Real<E> dot(const E* a, const E* b, int64 n) {
    Real<E> sum = 0;
    for (int64 i = 0; i < n; i++) {
        sum = fused(real(a[i]), real(b[i]), sum);
    }
    return sum;
}

// Whether query i may see key j by their places.
__device__ inline bool reaches(const Attention& p, int64 b, int64 i, int64 j) {
    int64 place = i + p.s - p.t;
    return (!p.causal || j <= place) && (p.window == 0 || j > place - p.window)
        && !(p.padding && p.padding[b * p.paddingStrides[0] + j * p.paddingStrides[1]]);
}

// The score of a query and a key that it may see, and how fast it grows with their dot product.
template <class E> __device__ inline Real<E> score(const Attention& p, int64 b, int64 h, int64 i, int64 j, Real<E>& slope) {
    typedef Real<E> R;
    R s = (R)p.scale * dot(row<E>(p.q, b, h, i), row<E>(p.k, b, h / (p.h / p.g), j), p.d);
    slope = (R)p.scale;
    if (p.cap > 0) {
        R share = hyperbolic(s / (R)p.cap);
        s = (R)p.cap * share;
        slope *= 1 - share * share;
    }
    if (p.bias) {
        s += real(((const E*)p.bias)[b * p.biasStrides[0] + h * p.biasStrides[1] + i * p.biasStrides[2] + j * p.biasStrides[3]]);
    }
    return s;
}

// Numbers of shared memory, for each lane the columns threadIdx.x, threadIdx.x + 32, ...
template <class R> __device__ inline R* columns() {
    extern __shared__ double shared[];
    return (R*)shared;
}

template <class R> __device__ inline void clear(R* sums, int64 n) {
    for (int64 c = threadIdx.x; c < n; c += LANES) {
        sums[c] = 0;
    }
}

// sums += Σ weight of lane l · row l of the rows from `first` on; lanes without weight do not count.
template <class E>
__device__ inline void addRows(Real<E>* sums, Real<E> weight, const E* first, int64 stride, int count, int64 n) {
    for (int lane = 0; lane < count; lane++) {
        Real<E> factor = __shfl_sync(EVERY_LANE, weight, lane);
        if (factor != 0) {
            for (int64 c = threadIdx.x; c < n; c += LANES) {
                sums[c] = fused(factor, real(first[lane * stride + c]), sums[c]);
            }
        }
    }
}

template <class E> __device__ inline void write(E* to, const Real<E>* sums, Real<E> factor, int64 n) {
    for (int64 c = threadIdx.x; c < n; c += LANES) {
        put(to + c, sums[c] * factor);
    }
}

__device__ inline int neighbours(int64 from, int64 end) { return end - from < LANES ? (int)(end - from) : LANES; }

template <class E> __device__ void forward(const Attention& p) {
    typedef Real<E> R;
    R* sums = columns<R>();
    for (int64 query = blockIdx.x; query < p.b * p.h * p.t; query += gridDim.x) {
        int64 i = query % p.t;
        int64 h = query / p.t % p.h;
        int64 b = query / p.t / p.h;
        R most = -infinity<R>();
        R total = 0;
        clear(sums, p.e);
        for (int64 from = 0; from < p.s; from += LANES) {
            int64 j = from + threadIdx.x;
            R slope;
            R mine = j < p.s && reaches(p, b, i, j) ? score<E>(p, b, h, i, j, slope) : -infinity<R>();
            R next = larger(most, largestOfLanes(mine));
            if (next == -infinity<R>()) {
                continue;
            }
            R shrink = most == -infinity<R>() ? (R)0 : exponential(most - next);
            R weight = mine == -infinity<R>() ? (R)0 : exponential(mine - next);
            total = total * shrink + sumOfLanes(weight);
            most = next;
            for (int64 c = threadIdx.x; c < p.e; c += LANES) {
                sums[c] *= shrink;
            }
            addRows(sums, weight, row<E>(p.v, b, h / (p.h / p.g), from), p.v.strides[2], neighbours(from, p.s), p.e);
        }
        bool blind = most == -infinity<R>();
        write(row<E>(p.out, b, h, i), sums, blind ? (R)0 : 1 / total, p.e);
        if (threadIdx.x == 0) {
            ((R*)p.logSumExp)[query] = blind ? most : most + logarithm(total);
        }
    }
}
FLOATING(forward, Attention)

// The weight of a key for a query, and the gradient of its score.
template <class E>
__device__ inline Real<E> scoreGradient(const Attention& p, int64 b, int64 h, int64 i, int64 j, Real<E>& weight, Real<E>& slope) {
    typedef Real<E> R;
    int64 query = (b * p.h + h) * p.t + i;
    R s = score<E>(p, b, h, i, j, slope);
    if (s == -infinity<R>()) {
        weight = 0;
        return 0;
    }
    weight = exponential(s - ((const R*)p.logSumExp)[query]);
    R dp = dot(row<E>(p.dOut, b, h, i), row<E>(p.v, b, h / (p.h / p.g), j), p.e);
    return weight * (dp - ((const R*)p.dots)[query]);
}

template <class E> __device__ void query_gradient(const Attention& p) {
    typedef Real<E> R;
    R* sums = columns<R>();
    for (int64 query = blockIdx.x; query < p.b * p.h * p.t; query += gridDim.x) {
        int64 i = query % p.t;
        int64 h = query / p.t % p.h;
        int64 b = query / p.t / p.h;
        R share = 0;
        for (int64 c = threadIdx.x; c < p.e; c += LANES) {
            share = fused(real(row<E>(p.dOut, b, h, i)[c]), real(row<E>(p.out, b, h, i)[c]), share);
        }
        share = sumOfLanes(share);
        if (threadIdx.x == 0) {
            ((R*)p.dots)[query] = share;
        }
        __syncthreads();
        clear(sums, p.d);
        for (int64 from = 0; from < p.s; from += LANES) {
            int64 j = from + threadIdx.x;
            R weight = 0;
            R slope = 0;
            R ds = j < p.s && reaches(p, b, i, j) ? scoreGradient<E>(p, b, h, i, j, weight, slope) : (R)0;
            if (p.dBias && j < p.s) {
                put((E*)p.dBias + query * p.s + j, ds);
            }
            addRows(sums, slope * ds, row<E>(p.k, b, h / (p.h / p.g), from), p.k.strides[2], neighbours(from, p.s), p.d);
        }
        write(row<E>(p.dq, b, h, i), sums, (R)1, p.d);
    }
}
FLOATING(query_gradient, Attention)

// The query heads of a key head add to its gradients in their order.
template <class E> __device__ void key_gradient(const Attention& p) {
    typedef Real<E> R;
    R* keys = columns<R>();
    R* values = keys + p.d;
    for (int64 key = blockIdx.x; key < p.b * p.g * p.s; key += gridDim.x) {
        int64 j = key % p.s;
        int64 g = key / p.s % p.g;
        int64 b = key / p.s / p.g;
        clear(keys, p.d);
        clear(values, p.e);
        for (int64 h = g * (p.h / p.g); h < (g + 1) * (p.h / p.g); h++) {
            for (int64 from = 0; from < p.t; from += LANES) {
                int64 i = from + threadIdx.x;
                R weight = 0;
                R slope = 0;
                R ds = i < p.t && reaches(p, b, i, j) ? scoreGradient<E>(p, b, h, i, j, weight, slope) : (R)0;
                int count = neighbours(from, p.t);
                addRows(keys, slope * ds, row<E>(p.q, b, h, from), p.q.strides[2], count, p.d);
                addRows(values, weight, row<E>(p.dOut, b, h, from), p.dOut.strides[2], count, p.e);
            }
        }
        write(row<E>(p.dk, b, g, j), keys, (R)1, p.d);
        write(row<E>(p.dv, b, g, j), values, (R)1, p.e);
    }
}
FLOATING(key_gradient, Attention)

struct Rotate {
    Heads out;
    Heads x;
    const void* cos;
    const void* sin;
    int64 a;
    int64 h;
    int64 t;
    int64 half;
    int inverse;
};

// Turns element i of a head's first half with element i of its second half.
template <class E> __device__ void rotate(const Rotate& p) {
    typedef Real<E> R;
    for (int64 at = self(); at < p.a * p.h * p.t * p.half; at += all()) {
        int64 i = at % p.half;
        int64 t = at / p.half % p.t;
        int64 h = at / p.half / p.t % p.h;
        int64 a = at / p.half / p.t / p.h;
        const E* x = row<E>(p.x, a, h, t);
        E* out = row<E>(p.out, a, h, t);
        R c = real(((const E*)p.cos)[t * p.half + i]);
        R s = real(((const E*)p.sin)[t * p.half + i]);
        s = p.inverse ? -s : s;
        R first = real(x[i]);
        R second = real(x[p.half + i]);
        put(out + i, first * c - second * s);
        put(out + p.half + i, second * c + first * s);
    }
}
FLOATING(rotate, Rotate)
