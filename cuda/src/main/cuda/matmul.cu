// Products of matrices. One block of 16x16 threads to a tile of as many elements of the product; both factors pass
// through shared memory, a tile at a time. Sums run along the inner dimension from its beginning, each step rounded once.
#include "common.cuh"

const int TILE = 16;
const int BATCH_RANK = 6;

enum Activation { NONE, RELU, GELU_TANH, GELU, SILU };

// A matrix by the strides of its rows and columns.
template <class E> struct Matrix {
    const E* data;
    int64 row;
    int64 column;
};

// The element of a·b of this thread in the tile that begins at (top, left), summed over inner indices [from, to).
// Rows end at m, columns at n.
template <class E>
__device__ Real<E> product(Matrix<E> a, Matrix<E> b, int64 top, int64 left, int64 m, int64 n, int64 from, int64 to) {
    typedef Real<E> R;
    __shared__ R left_tile[TILE][TILE + 1];
    __shared__ R right_tile[TILE][TILE + 1];
    int x = threadIdx.x % TILE;
    int y = threadIdx.x / TILE;
    R sum = 0;
    for (int64 inner = from; inner < to; inner += TILE) {
        bool inLeft = top + y < m && inner + x < to;
        bool inRight = left + x < n && inner + y < to;
        left_tile[y][x] = inLeft ? real(a.data[(top + y) * a.row + (inner + x) * a.column]) : (R)0;
        right_tile[y][x] = inRight ? real(b.data[(inner + y) * b.row + (left + x) * b.column]) : (R)0;
        __syncthreads();
        int steps = to - inner < TILE ? (int)(to - inner) : TILE;
#pragma unroll 1
        for (int i = 0; i < steps; i++) {
            sum = fused(left_tile[y][i], right_tile[i][x], sum);
        }
        __syncthreads();
    }
    return sum;
}

template <class R> __device__ inline R activated(R x, int activation) {
    double v = x;
    switch (activation) {
        case RELU: return larger(x, (R)0);
        case GELU_TANH: return (R)(v / (1 + exp(-2 * v * (0.7978845608028654 + 0.044715 * 0.7978845608028654 * v * v))));
        case GELU: return (R)(0.5 * v * erfc(-v * 0.7071067811865476));
        case SILU: return (R)(v / (1 + exp(-v)));
        default: return x;
    }
}

struct Matmul {
    void* c;
    const void* a;
    const void* b;
    const void* bias;
    const void* residual;
    void* before;
    int64 batches;
    int64 batch[BATCH_RANK];
    int64 batchC[BATCH_RANK];
    int64 batchA[BATCH_RANK];
    int64 batchB[BATCH_RANK];
    int64 batchResidual[BATCH_RANK];
    int64 batchBefore[BATCH_RANK];
    int64 m;
    int64 n;
    int64 k;
    int64 rowC;
    int64 rowA;
    int64 columnA;
    int64 rowB;
    int64 columnB;
    int64 rowResidual;
    int64 columnResidual;
    int64 rowBefore;
    int64 columnBefore;
    int64 strideBias;
    double scale;
    int rank;
    int activation;
    int accumulate;
};

// c = activation(scale·a·b + bias) + residual; `before` takes what the activation is given.
template <class E> __device__ void matmul(const Matmul& p) {
    typedef Real<E> R;
    int64 across = (p.n + TILE - 1) / TILE;
    int64 top = blockIdx.x / across * TILE;
    int64 left = blockIdx.x % across * TILE;
    int64 i = top + threadIdx.x / TILE;
    int64 j = left + threadIdx.x % TILE;
    for (int64 number = blockIdx.y; number < p.batches; number += gridDim.y) {
        int64 c = 0, a = 0, b = 0, residual = 0, before = 0;
        int64 rest = number;
#pragma unroll 1
        for (int d = p.rank - 1; d >= 0; d--) {
            int64 next = rest / p.batch[d];
            int64 along = rest - next * p.batch[d];
            c += along * p.batchC[d];
            a += along * p.batchA[d];
            b += along * p.batchB[d];
            residual += along * p.batchResidual[d];
            before += along * p.batchBefore[d];
            rest = next;
        }
        Matrix<E> first = {(const E*)p.a + a, p.rowA, p.columnA};
        Matrix<E> second = {(const E*)p.b + b, p.rowB, p.columnB};
        R sum = (R)p.scale * product(first, second, top, left, p.m, p.n, 0, p.k);
        if (i < p.m && j < p.n) {
            if (p.bias) {
                sum += real(((const E*)p.bias)[j * p.strideBias]);
            }
            if (p.before) {
                put((E*)p.before + before + i * p.rowBefore + j * p.columnBefore, sum);
            }
            sum = activated(sum, p.activation);
            if (p.residual) {
                sum += real(((const E*)p.residual)[residual + i * p.rowResidual + j * p.columnResidual]);
            }
            E* to = (E*)p.c + c + i * p.rowC + j;
            put(to, p.accumulate ? real(*to) + sum : sum);
        }
    }
}
FLOATING(matmul, Matmul)

struct Grouped {
    void* c;
    const void* a;
    const void* b;
    const int64* offsets;
    int64 groups;
    int64 n;
    int64 k;
    int64 groupB;
    int64 groupC;
    int64 rowC;
    int64 rowA;
    int64 columnA;
    int64 rowB;
    int64 columnB;
    int accumulate;
};

template <class E> __device__ inline void write(E* to, Real<E> sum, int accumulate) {
    put(to, accumulate ? real(*to) + sum : sum);
}

// Rows [o[g], o[g + 1]) of c are those of a times matrix g of b. Block (x, y, z): tile of columns, group, and every
// gridDim.z-th tile of its rows.
template <class E> __device__ void grouped(const Grouped& p) {
    int64 left = (int64)blockIdx.x * TILE;
    int64 j = left + threadIdx.x % TILE;
    for (int64 g = blockIdx.y; g < p.groups; g += gridDim.y) {
        int64 end = p.offsets[g + 1];
        Matrix<E> a = {(const E*)p.a, p.rowA, p.columnA};
        Matrix<E> b = {(const E*)p.b + g * p.groupB, p.rowB, p.columnB};
        for (int64 top = p.offsets[g] + blockIdx.z * TILE; top < end; top += gridDim.z * TILE) {
            Real<E> sum = product(a, b, top, left, end, p.n, 0, p.k);
            int64 i = top + threadIdx.x / TILE;
            if (i < end && j < p.n) {
                write((E*)p.c + i * p.rowC + j, sum, p.accumulate);
            }
        }
    }
}
FLOATING(grouped, Grouped)

// c[g] = a[o[g]..o[g + 1]]ᵀ·b[o[g]..o[g + 1]]. Block (x, y, z): tile of columns, group, and every gridDim.z-th tile of
// its k rows.
template <class E> __device__ void grouped_gradient(const Grouped& p) {
    int64 left = (int64)blockIdx.x * TILE;
    int64 j = left + threadIdx.x % TILE;
    for (int64 g = blockIdx.y; g < p.groups; g += gridDim.y) {
        Matrix<E> a = {(const E*)p.a, p.columnA, p.rowA};
        Matrix<E> b = {(const E*)p.b, p.rowB, p.columnB};
        for (int64 top = blockIdx.z * TILE; top < p.k; top += gridDim.z * TILE) {
            Real<E> sum = product(a, b, top, left, p.k, p.n, p.offsets[g], p.offsets[g + 1]);
            int64 i = top + threadIdx.x / TILE;
            if (i < p.k && j < p.n) {
                write((E*)p.c + g * p.groupC + i * p.rowC + j, sum, p.accumulate);
            }
        }
    }
}
FLOATING(grouped_gradient, Grouped)

struct Ternary {
    void* c;
    const void* a;
    const word* packed;
    int64 m;
    int64 n;
    int64 k;
    int64 rowC;
    int64 rowA;
    int64 columnA;
    int transposed;
};

// Sixteen elements of t [n, k] to a word, two bits each, plus 1: a·tᵀ [m, n], or transposed a·t [m, k].
template <class E> __device__ void ternary(const Ternary& p) {
    typedef Real<E> R;
    int64 wordsOfRow = (p.k + 15) / 16;
    int64 columns = p.transposed ? p.k : p.n;
    int64 inner = p.transposed ? p.n : p.k;
    for (int64 at = self(); at < p.m * columns; at += all()) {
        int64 i = at / columns;
        int64 j = at % columns;
        R sum = 0;
        for (int64 l = 0; l < inner; l++) {
            int64 row = p.transposed ? l : j;
            int64 column = p.transposed ? j : l;
            int sign = (int)(p.packed[row * wordsOfRow + column / 16] >> (2 * (column % 16)) & 3) - 1;
            sum += (R)sign * real(((const E*)p.a)[i * p.rowA + l * p.columnA]);
        }
        put((E*)p.c + i * p.rowC + j, sum);
    }
}
FLOATING(ternary, Ternary)
