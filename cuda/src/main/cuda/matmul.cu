// Products of matrices. One block of 16x16 threads to a tile of as many elements of the product; both factors pass
// through shared memory, a tile at a time. Sums run along the inner dimension from its beginning, each step rounded once.
// Large products of bfloat16 have kernels for tensor cores below these.
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

// Where the matrices of one product of a stack begin, in elements.
struct Place {
    int64 c;
    int64 a;
    int64 b;
    int64 residual;
    int64 before;
};

__device__ inline Place place(const Matmul& p, int64 number) {
    Place at = {0, 0, 0, 0, 0};
#pragma unroll 1
    for (int d = p.rank - 1; d >= 0; d--) {
        int64 next = number / p.batch[d];
        int64 along = number - next * p.batch[d];
        at.c += along * p.batchC[d];
        at.a += along * p.batchA[d];
        at.b += along * p.batchB[d];
        at.residual += along * p.batchResidual[d];
        at.before += along * p.batchBefore[d];
        number = next;
    }
    return at;
}

// c = activation(scale·a·b + bias) + residual at (i, j), of sum = scale·a·b; `before` takes what the activation is given.
template <class E> __device__ inline void finish(const Matmul& p, const Place& at, int64 i, int64 j, Real<E> sum) {
    if (p.bias) {
        sum += real(((const E*)p.bias)[j * p.strideBias]);
    }
    if (p.before) {
        put((E*)p.before + at.before + i * p.rowBefore + j * p.columnBefore, sum);
    }
    sum = activated(sum, p.activation);
    if (p.residual) {
        sum += real(((const E*)p.residual)[at.residual + i * p.rowResidual + j * p.columnResidual]);
    }
    E* to = (E*)p.c + at.c + i * p.rowC + j;
    put(to, p.accumulate ? real(*to) + sum : sum);
}

template <class E> __device__ void matmul(const Matmul& p) {
    typedef Real<E> R;
    int64 across = (p.n + TILE - 1) / TILE;
    int64 top = blockIdx.x / across * TILE;
    int64 left = blockIdx.x % across * TILE;
    int64 i = top + threadIdx.x / TILE;
    int64 j = left + threadIdx.x % TILE;
    for (int64 number = blockIdx.y; number < p.batches; number += gridDim.y) {
        Place at = place(p, number);
        Matrix<E> first = {(const E*)p.a + at.a, p.rowA, p.columnA};
        Matrix<E> second = {(const E*)p.b + at.b, p.rowB, p.columnB};
        R sum = (R)p.scale * product(first, second, top, left, p.m, p.n, 0, p.k);
        if (i < p.m && j < p.n) {
            finish<E>(p, at, i, j, sum);
        }
    }
}
FLOATING(matmul, Matmul)

// The same for bfloat16 on tensor cores (mma.sync of 16x8x16, sums in float32), where both factors are contiguous along
// one dimension and all their rows begin at 16 bytes. A block of 8 warps makes 128x128 elements of c, a warp 64x32 of
// them. Slices of both factors, 32 deep, arrive by cp.async while those before them are multiplied.
//
// For a slice a block reads 2·128·32·2 = 16 KiB and does 2·128·128·32 = 1 Mflop, 64 flop a byte. An A100 (312 Tflop/s,
// 2.0 TB/s) wants 156 and an H100 (989 Tflop/s, 3.35 TB/s) 295: what several blocks read must come from L2. From shared
// memory a warp reads (64 + 32)·16·2 = 3 KiB for 2·64·32·16 = 64 Kflop; at 128 bytes a cycle that feeds 2,730 flop, more
// than the 2,048 of an A100's multiprocessor and two thirds of the 4,096 of an H100's. Three slices are 48 KiB, all the
// shared memory that can be declared; at most 128 registers a thread let two blocks, 16 warps, stand on a multiprocessor.
const int SIDE = 128;
const int DEPTH = 32;
const int STAGES = 3;
const int WARP_ROWS = 64;
const int WARP_COLUMNS = 32;
const int CHUNK = 8;
const int TENSOR_THREADS = 256;

// A factor as 128 lines (rows of a, columns of b) through a slice. DEEP: contiguous along the inner dimension, [lines]
// [inner]; else along the lines, [inner][lines].
template <bool DEEP> struct Slices {
    const bfloat16* data;
    int64 stride;
    int64 line;
    int64 lines;
    int64 inner;

    // Offset in a slice of the chunk of 8 elements, 16 bytes, that has this place: such that the 8 rows that ldmatrix
    // reads at once lie in different banks.
    __device__ static int offset(int along, int inward) {
        return DEEP ? along * DEPTH + (inward / CHUNK ^ along / 2 % 4) * CHUNK
                    : inward * SIDE + (along / CHUNK ^ inward % 8) * CHUNK;
    }

    // Begins to copy the slice from inner index `from` on; zero beyond the edges.
    __device__ void copy(bfloat16* to, int64 from) const {
#pragma unroll 1
        for (int part = 0; part < SIDE * DEPTH / CHUNK / TENSOR_THREADS; part++) {
            int chunk = threadIdx.x + part * TENSOR_THREADS;
            int along = DEEP ? chunk / (DEPTH / CHUNK) : chunk % (SIDE / CHUNK) * CHUNK;
            int inward = DEEP ? chunk % (DEPTH / CHUNK) * CHUNK : chunk / (SIDE / CHUNK);
            int64 restLines = lines - line - along;
            int64 restInner = inner - from - inward;
            int64 rest = DEEP ? restInner : restLines;
            int count = restLines <= 0 || restInner <= 0 ? 0 : rest < CHUNK ? (int)rest : CHUNK;
            const bfloat16* source = count == 0 ? data
                    : DEEP                      ? data + (line + along) * stride + from + inward
                                                : data + (from + inward) * stride + line + along;
            asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(
                                 (word)__cvta_generic_to_shared(to + offset(along, inward))),
                         "l"(__cvta_generic_to_global(source)), "r"(count * 2)
                         : "memory");
        }
    }

    // 16 lines from `along` on by 16 inner indices: registers 0 and 2 hold the first 8 lines, 1 and 3 the others.
    __device__ static void load(word (&to)[4], const bfloat16* slice, int along, int inward) {
        int lane = threadIdx.x % LANES;
        int row = lane % 8;
        int lower = lane / 8 % 2 * 8;
        int further = lane / 16 * 8;
        if (DEEP) {
            word at = (word)__cvta_generic_to_shared(slice + offset(along + lower + row, inward + further));
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                         : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                         : "r"(at)
                         : "memory");
        } else {
            word at = (word)__cvta_generic_to_shared(slice + offset(along + lower, inward + further + row));
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                         : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                         : "r"(at)
                         : "memory");
        }
    }
};

__device__ inline void multiply(float (&c)[4], const word (&a)[4], word b0, word b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

template <bool DEEP_A, bool DEEP_B> __device__ void tensor(const Matmul& p) {
    const int DOWN = WARP_ROWS / 16;
    const int ACROSS = WARP_COLUMNS / 8;
    const int SLICE = SIDE * DEPTH;
    __shared__ __align__(128) bfloat16 slices[STAGES][2][SLICE];
    int lane = threadIdx.x % LANES;
    int warp = threadIdx.x / LANES;
    int row = warp % (SIDE / WARP_ROWS) * WARP_ROWS;
    int column = warp / (SIDE / WARP_ROWS) * WARP_COLUMNS;
    int64 across = (p.n + SIDE - 1) / SIDE;
    int64 top = blockIdx.x / across * SIDE;
    int64 left = blockIdx.x % across * SIDE;
    int64 steps = (p.k + DEPTH - 1) / DEPTH;
    for (int64 number = blockIdx.y; number < p.batches; number += gridDim.y) {
        Place factors = place(p, number);
        Slices<DEEP_A> a = {(const bfloat16*)p.a + factors.a, DEEP_A ? p.rowA : p.columnA, top, p.m, p.k};
        Slices<DEEP_B> b = {(const bfloat16*)p.b + factors.b, DEEP_B ? p.columnB : p.rowB, left, p.n, p.k};
        float sums[DOWN][ACROSS][4] = {};
        for (int stage = 0; stage < STAGES - 1; stage++) {
            a.copy(slices[stage][0], (int64)stage * DEPTH);
            b.copy(slices[stage][1], (int64)stage * DEPTH);
            asm volatile("cp.async.commit_group;" ::: "memory");
        }
        int stage = 0;
#pragma unroll 1
        for (int64 step = 0; step < steps; step++) {
            asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2) : "memory");
            __syncthreads();
            int free = stage == 0 ? STAGES - 1 : stage - 1;
            a.copy(slices[free][0], (step + STAGES - 1) * DEPTH);
            b.copy(slices[free][1], (step + STAGES - 1) * DEPTH);
            asm volatile("cp.async.commit_group;" ::: "memory");
#pragma unroll
            for (int inward = 0; inward < DEPTH; inward += 16) {
                word second[ACROSS / 2][4];
#pragma unroll
                for (int j = 0; j < ACROSS / 2; j++) {
                    b.load(second[j], slices[stage][1], column + j * 16, inward);
                }
#pragma unroll
                for (int i = 0; i < DOWN; i++) {
                    word first[4];
                    a.load(first, slices[stage][0], row + i * 16, inward);
#pragma unroll
                    for (int j = 0; j < ACROSS; j++) {
                        multiply(sums[i][j], first, second[j / 2][j % 2], second[j / 2][j % 2 + 2]);
                    }
                }
            }
            stage = stage == STAGES - 1 ? 0 : stage + 1;
        }
        asm volatile("cp.async.wait_group 0;" ::: "memory");
        __syncthreads();
        // 16 rows of each warp at a time pass through shared memory, so that neighbours in c are written together.
        // Found anew: kept through the slices it would cost ten registers.
        Place at = place(p, number);
        float* passing = (float*)&slices[0][0][0] + warp * 16 * WARP_COLUMNS;
#pragma unroll 1
        for (int part = 0; part < DOWN; part++) {
#pragma unroll
            for (int i = 0; i < DOWN; i++) {
#pragma unroll
                for (int j = 0; j < ACROSS * 4; j++) {
                    if (i == part) {
                        int y = lane / 4 + j % 4 / 2 * 8;
                        int x = j / 4 * 8 + lane % 4 * 2 + j % 2;
                        passing[y * WARP_COLUMNS + x] = sums[i][j / 4][j % 4];
                    }
                }
            }
            __syncwarp();
            int64 j = left + column + lane;
#pragma unroll 1
            for (int y = 0; y < 16; y++) {
                int64 i = top + row + part * 16 + y;
                if (i < p.m && j < p.n) {
                    finish<bfloat16>(p, at, i, j, (float)p.scale * passing[y * WARP_COLUMNS + lane]);
                }
            }
            __syncwarp();
        }
        __syncthreads();
    }
}

#define TENSOR(layouts, DEEP_A, DEEP_B)                                                                       \
    extern "C" __global__ __launch_bounds__(TENSOR_THREADS, 2) void matmul_tensor_##layouts(const Matmul p) { \
        tensor<DEEP_A, DEEP_B>(p);                                                                            \
    }
TENSOR(deep_deep, true, true)
TENSOR(deep_wide, true, false)
TENSOR(wide_deep, false, true)
TENSOR(wide_wide, false, false)

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
