// Normalisation of rows: one warp to a row. Statistics of bfloat16 rows are float32.
#include "common.cuh"

struct Norm {
    void* y;
    void* mean;
    void* rstd;
    const void* x;
    const void* weight;
    const void* bias;
    int64 rows;
    int64 n;
    double epsilon;
};

template <class E> __device__ void layer_norm(const Norm& p) {
    typedef Real<E> R;
    const E* weight = (const E*)p.weight;
    const E* bias = (const E*)p.bias;
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const E* x = (const E*)p.x + row * p.n;
        E* y = (E*)p.y + row * p.n;
        R sum = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            sum += real(x[j]);
        }
        R mean = p.n == 0 ? 0 : sumOfLanes(sum) / p.n;
        R squares = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R deviation = real(x[j]) - mean;
            squares += deviation * deviation;
        }
        R variance = p.n == 0 ? 0 : sumOfLanes(squares) / p.n;
        R rstd = 1 / root(variance + (R)p.epsilon);
        if (threadIdx.x == 0) {
            ((R*)p.mean)[row] = mean;
            ((R*)p.rstd)[row] = rstd;
        }
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R normal = (real(x[j]) - mean) * rstd;
            R scaled = weight ? normal * real(weight[j]) : normal;
            put(y + j, bias ? scaled + real(bias[j]) : scaled);
        }
    }
}
FLOATING(layer_norm, Norm)

template <class E> __device__ void rms_norm(const Norm& p) {
    typedef Real<E> R;
    const E* weight = (const E*)p.weight;
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const E* x = (const E*)p.x + row * p.n;
        E* y = (E*)p.y + row * p.n;
        R squares = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            squares += real(x[j]) * real(x[j]);
        }
        R mean = p.n == 0 ? 0 : sumOfLanes(squares) / p.n;
        R rstd = 1 / root(mean + (R)p.epsilon);
        if (threadIdx.x == 0) {
            ((R*)p.rstd)[row] = rstd;
        }
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R normal = real(x[j]) * rstd;
            put(y + j, weight ? normal * real(weight[j]) : normal);
        }
    }
}
FLOATING(rms_norm, Norm)

// mean is null for the norm without one.
struct NormGradient {
    void* dx;
    const void* dy;
    const void* x;
    const void* mean;
    const void* rstd;
    const void* weight;
    int64 rows;
    int64 n;
};

// With g = dy·weight and z the normal row: dx = rstd·(g − mean(g) − z·mean(g·z)), without mean(g) where the norm takes
// off no mean.
template <class E> __device__ void norm_gradient(const NormGradient& p) {
    typedef Real<E> R;
    const E* weight = (const E*)p.weight;
    for (int64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const E* x = (const E*)p.x + row * p.n;
        const E* dy = (const E*)p.dy + row * p.n;
        R mean = p.mean ? ((const R*)p.mean)[row] : (R)0;
        R rstd = ((const R*)p.rstd)[row];
        R sum = 0;
        R dot = 0;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R g = weight ? real(dy[j]) * real(weight[j]) : real(dy[j]);
            sum += g;
            dot += g * ((real(x[j]) - mean) * rstd);
        }
        R offset = p.mean ? sumOfLanes(sum) / p.n : (R)0;
        R slope = sumOfLanes(dot) / p.n;
        for (int64 j = threadIdx.x; j < p.n; j += LANES) {
            R g = weight ? real(dy[j]) * real(weight[j]) : real(dy[j]);
            R z = (real(x[j]) - mean) * rstd;
            put((E*)p.dx + row * p.n + j, rstd * (g - offset - z * slope));
        }
    }
}
FLOATING(norm_gradient, NormGradient)

struct ColumnParts {
    void* weightParts;
    void* biasParts;
    const void* dy;
    const void* x;
    const void* mean;
    const void* rstd;
    int64 rows;
    int64 n;
    int64 parts;
};

// Sums over a part of the rows, in their order: Σ dy·z and Σ dy. One thread to a part and a column.
template <class E> __device__ void column_parts(const ColumnParts& p) {
    typedef Real<E> R;
    for (int64 at = self(); at < p.parts * p.n; at += all()) {
        int64 part = at / p.n;
        int64 j = at % p.n;
        R dot = 0;
        R sum = 0;
        for (int64 row = part * p.rows / p.parts; row < (part + 1) * p.rows / p.parts; row++) {
            R mean = p.mean ? ((const R*)p.mean)[row] : (R)0;
            R g = real(((const E*)p.dy)[row * p.n + j]);
            dot += g * ((real(((const E*)p.x)[row * p.n + j]) - mean) * ((const R*)p.rstd)[row]);
            sum += g;
        }
        ((R*)p.weightParts)[at] = dot;
        ((R*)p.biasParts)[at] = sum;
    }
}
FLOATING(column_parts, ColumnParts)

struct PartSums {
    void* out;
    const void* parts;
    int64 count;
    int64 n;
};

// The sums of the parts, in their order.
template <class E> __device__ void part_sums(const PartSums& p) {
    typedef Real<E> R;
    for (int64 j = self(); j < p.n; j += all()) {
        R sum = 0;
        for (int64 part = 0; part < p.count; part++) {
            sum += ((const R*)p.parts)[part * p.n + j];
        }
        put((E*)p.out + j, sum);
    }
}
FLOATING(part_sums, PartSums)
