// What all kernels share.
//
// A kernel has one parameter, a structure that the host fills field by field (Launch.java), each aligned to its size.
// Kernels of three floating dtypes are templates over the type of an element; FLOATING makes an entry for each, named
// after the dtype as the host spells it. bfloat16 is computed in float32 and rounded once.
#pragma once

typedef long long int64;
typedef unsigned int word;

enum DType { FLOAT32, FLOAT64, BFLOAT16, INT64, INT32, UINT8, BOOL };

struct bfloat16 {
    unsigned short bits;
};

#define FLOATING(kernel, Parameters)                                                   \
    extern "C" __global__ void kernel##_float32(const Parameters p) { kernel<float>(p); }    \
    extern "C" __global__ void kernel##_float64(const Parameters p) { kernel<double>(p); }   \
    extern "C" __global__ void kernel##_bfloat16(const Parameters p) { kernel<bfloat16>(p); }

// What an element is computed in.
template <class E> struct Computed { typedef E type; };
template <> struct Computed<bfloat16> { typedef float type; };
template <class E> using Real = typename Computed<E>::type;

__device__ inline float widen(bfloat16 x) { return __uint_as_float((word)x.bits << 16); }

// To the nearest, ties to even; a NaN becomes the quiet NaN of its sign.
__device__ inline bfloat16 narrow(float x) {
    word bits = __float_as_uint(x);
    bfloat16 result;
    result.bits = x != x ? (bits >> 16 & 0x8000u) | 0x7fc0u : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
    return result;
}

__device__ inline float real(float x) { return x; }
__device__ inline double real(double x) { return x; }
__device__ inline float real(bfloat16 x) { return widen(x); }

__device__ inline void put(float* at, float x) { *at = x; }
__device__ inline void put(double* at, double x) { *at = x; }
__device__ inline void put(bfloat16* at, float x) { *at = narrow(x); }

// One rounding for both operations.
__device__ inline float fused(float a, float b, float c) { return fmaf(a, b, c); }
__device__ inline double fused(double a, double b, double c) { return fma(a, b, c); }

__device__ inline float exponential(float x) { return expf(x); }
__device__ inline double exponential(double x) { return exp(x); }
__device__ inline float logarithm(float x) { return logf(x); }
__device__ inline double logarithm(double x) { return log(x); }
__device__ inline float root(float x) { return sqrtf(x); }
__device__ inline double root(double x) { return sqrt(x); }
__device__ inline float hyperbolic(float x) { return tanhf(x); }
__device__ inline double hyperbolic(double x) { return tanh(x); }
__device__ inline float magnitude(float x) { return fabsf(x); }
__device__ inline double magnitude(double x) { return fabs(x); }

template <class R> __device__ inline R infinity() { return (R)__longlong_as_double(0x7ff0000000000000ll); }
template <class R> __device__ inline R notANumber() { return (R)__longlong_as_double(0x7ff8000000000000ll); }

// The larger; a NaN where one is, and +0 above -0.
template <class R> __device__ inline R larger(R a, R b) {
    return a != a || b != b ? a + b : a > b ? a : a < b ? b : a == 0 ? a + b : a;
}

template <class R> __device__ inline R smaller(R a, R b) {
    return -larger(-a, -b);
}

// The thread's number in the whole grid, and how many there are.
__device__ inline int64 self() { return blockIdx.x * (int64)blockDim.x + threadIdx.x; }
__device__ inline int64 all() { return gridDim.x * (int64)blockDim.x; }

const int LANES = 32;
const word EVERY_LANE = 0xffffffffu;

// Combines a value of each lane of a warp, the same way in all of them.
template <class R> __device__ inline R sumOfLanes(R x) {
    for (int step = LANES / 2; step > 0; step /= 2) {
        x += __shfl_xor_sync(EVERY_LANE, x, step);
    }
    return x;
}

template <class R> __device__ inline R largestOfLanes(R x) {
    for (int step = LANES / 2; step > 0; step /= 2) {
        x = larger(x, __shfl_xor_sync(EVERY_LANE, x, step));
    }
    return x;
}

// As FLOATING, for kernels that are given bfloat16 widened to float32.
#define WIDE(kernel, Parameters)                                                             \
    extern "C" __global__ void kernel##_float32(const Parameters p) { kernel<float>(p); }    \
    extern "C" __global__ void kernel##_float64(const Parameters p) { kernel<double>(p); }
