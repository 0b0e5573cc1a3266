// Convolutions in two dimensions, and the causal one along time. One thread, or for sums over a batch one warp, to an
// element of the result.
#include "common.cuh"

// x [b, groups·c, h, w], weight [o, c, kh, kw], y [b, o, rows, columns], all dense. What is written is one of them.
struct Convolution {
    void* x;
    void* weight;
    void* bias;
    void* y;
    int64 b;
    int64 groups;
    int64 c;
    int64 h;
    int64 w;
    int64 o;
    int64 kh;
    int64 kw;
    int64 rows;
    int64 columns;
    int64 strideY;
    int64 strideX;
    int64 paddingY;
    int64 paddingX;
    int64 dilationY;
    int64 dilationX;
};

template <class R> __device__ void convolution(const Convolution& p) {
    for (int64 at = self(); at < p.b * p.o * p.rows * p.columns; at += all()) {
        int64 j = at % p.columns;
        int64 i = at / p.columns % p.rows;
        int64 o = at / p.columns / p.rows % p.o;
        int64 n = at / p.columns / p.rows / p.o;
        int64 first = o / (p.o / p.groups) * p.c;
        R sum = 0;
        for (int64 c = 0; c < p.c; c++) {
            for (int64 a = 0; a < p.kh; a++) {
                int64 row = i * p.strideY - p.paddingY + a * p.dilationY;
                for (int64 e = 0; row >= 0 && row < p.h && e < p.kw; e++) {
                    int64 column = j * p.strideX - p.paddingX + e * p.dilationX;
                    if (column >= 0 && column < p.w) {
                        R x = ((const R*)p.x)[((n * p.groups * p.c + first + c) * p.h + row) * p.w + column];
                        sum = fused(((const R*)p.weight)[((o * p.c + c) * p.kh + a) * p.kw + e], x, sum);
                    }
                }
            }
        }
        ((R*)p.y)[at] = p.bias ? sum + ((const R*)p.bias)[o] : sum;
    }
}
WIDE(convolution, Convolution)

template <class R> __device__ void input_gradient(const Convolution& p) {
    int64 each = p.o / p.groups;
    for (int64 at = self(); at < p.b * p.groups * p.c * p.h * p.w; at += all()) {
        int64 column = at % p.w;
        int64 row = at / p.w % p.h;
        int64 channel = at / p.w / p.h % (p.groups * p.c);
        int64 n = at / p.w / p.h / (p.groups * p.c);
        int64 first = channel / p.c * each;
        R sum = 0;
        for (int64 o = first; o < first + each; o++) {
            for (int64 a = 0; a < p.kh; a++) {
                int64 y = row + p.paddingY - a * p.dilationY;
                bool fits = y >= 0 && y % p.strideY == 0 && y / p.strideY < p.rows;
                for (int64 e = 0; fits && e < p.kw; e++) {
                    int64 x = column + p.paddingX - e * p.dilationX;
                    if (x >= 0 && x % p.strideX == 0 && x / p.strideX < p.columns) {
                        R dy = ((const R*)p.y)[((n * p.o + o) * p.rows + y / p.strideY) * p.columns + x / p.strideX];
                        sum = fused(((const R*)p.weight)[((o * p.c + channel % p.c) * p.kh + a) * p.kw + e], dy, sum);
                    }
                }
            }
        }
        ((R*)p.x)[at] = sum;
    }
}
WIDE(input_gradient, Convolution)

template <class R> __device__ void weight_gradient(const Convolution& p) {
    for (int64 at = blockIdx.x; at < p.o * p.c * p.kh * p.kw; at += gridDim.x) {
        int64 e = at % p.kw;
        int64 a = at / p.kw % p.kh;
        int64 c = at / p.kw / p.kh % p.c;
        int64 o = at / p.kw / p.kh / p.c;
        int64 channel = o / (p.o / p.groups) * p.c + c;
        R sum = 0;
        for (int64 place = threadIdx.x; place < p.b * p.rows * p.columns; place += LANES) {
            int64 j = place % p.columns;
            int64 i = place / p.columns % p.rows;
            int64 n = place / p.columns / p.rows;
            int64 row = i * p.strideY - p.paddingY + a * p.dilationY;
            int64 column = j * p.strideX - p.paddingX + e * p.dilationX;
            if (row >= 0 && row < p.h && column >= 0 && column < p.w) {
                R x = ((const R*)p.x)[((n * p.groups * p.c + channel) * p.h + row) * p.w + column];
                sum = fused(((const R*)p.y)[((n * p.o + o) * p.rows + i) * p.columns + j], x, sum);
            }
        }
        sum = sumOfLanes(sum);
        if (threadIdx.x == 0) {
            ((R*)p.weight)[at] = sum;
        }
    }
}
WIDE(weight_gradient, Convolution)

// Where the largest value of each window stands in its plane: the first of equals, a NaN before any number.
template <class R> __device__ void largest(const Convolution& p) {
    for (int64 at = self(); at < p.b * p.c * p.rows * p.columns; at += all()) {
        int64 j = at % p.columns;
        int64 i = at / p.columns % p.rows;
        const R* plane = (const R*)p.x + at / p.columns / p.rows * p.h * p.w;
        int64 best = -1;
        R most = 0;
        for (int64 a = 0; a < p.kh; a++) {
            int64 row = i * p.strideY - p.paddingY + a * p.dilationY;
            for (int64 e = 0; row >= 0 && row < p.h && e < p.kw; e++) {
                int64 column = j * p.strideX - p.paddingX + e * p.dilationX;
                if (column >= 0 && column < p.w) {
                    R x = plane[row * p.w + column];
                    if (best < 0 || x > most || (x != x && most == most)) {
                        best = row * p.w + column;
                        most = x;
                    }
                }
            }
        }
        ((int64*)p.y)[at] = best;
    }
}
WIDE(largest, Convolution)

// x, y [b, t, c], weight [c, k], state [b, k − 1, c] or null for zeros; what is given is dense.
struct Causal {
    const void* x;
    const void* weight;
    const void* bias;
    const void* state;
    void* y;
    void* dx;
    void* dWeight;
    void* dBias;
    void* dState;
    const void* dy;
    void* dz; // the gradient before f, [b, t, c]
    int64 b;
    int64 t;
    int64 c;
    int64 k;
    int silu;
};

// What stands `place` places behind the beginning of the state, which x follows.
template <class R> __device__ inline R given(const Causal& p, int64 n, int64 place, int64 c) {
    if (place >= p.k - 1) {
        return ((const R*)p.x)[(n * p.t + place - (p.k - 1)) * p.c + c];
    }
    return p.state ? ((const R*)p.state)[(n * (p.k - 1) + place) * p.c + c] : (R)0;
}

template <class R> __device__ inline R filtered(const Causal& p, int64 n, int64 t, int64 c) {
    R sum = p.bias ? ((const R*)p.bias)[c] : (R)0;
    for (int64 j = 0; j < p.k; j++) {
        sum = fused(((const R*)p.weight)[c * p.k + j], given<R>(p, n, t + j, c), sum);
    }
    return sum;
}

template <class R> __device__ void causal(const Causal& p) {
    for (int64 at = self(); at < p.b * p.t * p.c; at += all()) {
        R z = filtered<R>(p, at / p.c / p.t, at / p.c % p.t, at % p.c);
        ((R*)p.y)[at] = p.silu ? z / (1 + exponential(-z)) : z;
    }
}
WIDE(causal, Causal)

template <class R> __device__ void causal_slope(const Causal& p) {
    for (int64 at = self(); at < p.b * p.t * p.c; at += all()) {
        R slope = 1;
        if (p.silu) {
            R z = filtered<R>(p, at / p.c / p.t, at / p.c % p.t, at % p.c);
            R s = 1 / (1 + exponential(-z));
            slope = s * (1 + z * (1 - s));
        }
        ((R*)p.dz)[at] = slope * ((const R*)p.dy)[at];
    }
}
WIDE(causal_slope, Causal)

// Of the state and of x, one behind the other.
template <class R> __device__ void causal_input(const Causal& p) {
    int64 length = p.k - 1 + p.t;
    for (int64 at = self(); at < p.b * length * p.c; at += all()) {
        int64 c = at % p.c;
        int64 place = at / p.c % length;
        int64 n = at / p.c / length;
        R sum = 0;
        for (int64 j = 0; j < p.k; j++) {
            int64 t = place - j;
            if (t >= 0 && t < p.t) {
                sum = fused(((const R*)p.weight)[c * p.k + j], ((const R*)p.dz)[(n * p.t + t) * p.c + c], sum);
            }
        }
        if (place >= p.k - 1) {
            ((R*)p.dx)[(n * p.t + place - (p.k - 1)) * p.c + c] = sum;
        } else if (p.dState) {
            ((R*)p.dState)[(n * (p.k - 1) + place) * p.c + c] = sum;
        }
    }
}
WIDE(causal_input, Causal)

// Of the filters and the bias, which stands behind them.
template <class R> __device__ void causal_weight(const Causal& p) {
    for (int64 at = blockIdx.x; at < p.c * (p.k + 1); at += gridDim.x) {
        int64 j = at % (p.k + 1);
        int64 c = at / (p.k + 1);
        R sum = 0;
        for (int64 i = threadIdx.x; i < p.b * p.t; i += LANES) {
            R dz = ((const R*)p.dz)[i * p.c + c];
            sum = fused(dz, j == p.k ? (R)1 : given<R>(p, i / p.t, i % p.t + j, c), sum);
        }
        sum = sumOfLanes(sum);
        if (threadIdx.x == 0 && j < p.k) {
            ((R*)p.dWeight)[c * p.k + j] = sum;
        } else if (threadIdx.x == 0 && p.dBias) {
            ((R*)p.dBias)[c] = sum;
        }
    }
}
WIDE(causal_weight, Causal)
