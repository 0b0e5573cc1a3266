// Elements of any dtype at any strides, for kernels that decide about the dtype while they run.
#pragma once
#include "common.cuh"

const int RANK = 8;

__device__ __noinline__ double loadReal(const char* data, int dtype, int64 i) {
    switch (dtype) {
        case FLOAT32: return ((const float*)data)[i];
        case FLOAT64: return ((const double*)data)[i];
        default: return widen(((const bfloat16*)data)[i]);
    }
}

__device__ __noinline__ int64 loadWhole(const char* data, int dtype, int64 i) {
    switch (dtype) {
        case INT64: return ((const int64*)data)[i];
        case INT32: return ((const int*)data)[i];
        default: return ((const unsigned char*)data)[i];
    }
}

__device__ inline bool isReal(int dtype) { return dtype <= BFLOAT16; }

__device__ inline int64 truncated(double x) { return x != x ? 0 : __double2ll_rz(x); }

__device__ inline int truncatedInt(double x) { return x != x ? 0 : __double2int_rz(x); }

__device__ __noinline__ void store(char* data, int dtype, int64 i, double x) {
    switch (dtype) {
        case FLOAT32: ((float*)data)[i] = (float)x; break;
        case FLOAT64: ((double*)data)[i] = x; break;
        case BFLOAT16: ((bfloat16*)data)[i] = narrow((float)x); break;
        case INT64: ((int64*)data)[i] = truncated(x); break;
        case INT32: ((int*)data)[i] = truncatedInt(x); break;
        case UINT8: {
            int whole = truncatedInt(x);
            ((unsigned char*)data)[i] = whole < 0 ? 0 : whole > 255 ? 255 : whole;
            break;
        }
        default: ((unsigned char*)data)[i] = x != 0;
    }
}

__device__ __noinline__ void store(char* data, int dtype, int64 i, int64 x) {
    switch (dtype) {
        case FLOAT32: ((float*)data)[i] = (float)x; break;
        case FLOAT64: ((double*)data)[i] = (double)x; break;
        case BFLOAT16: ((bfloat16*)data)[i] = narrow((float)x); break;
        case INT64: ((int64*)data)[i] = x; break;
        case INT32: ((int*)data)[i] = (int)x; break;
        case UINT8: ((unsigned char*)data)[i] = (unsigned char)x; break;
        default: ((unsigned char*)data)[i] = x != 0;
    }
}

// Where element i of the shape stands in an array.
__device__ inline int64 place(const int64* strides, const int64* shape, int rank, int64 i) {
    int64 at = 0;
#pragma unroll 1
    for (int d = rank - 1; d > 0; d--) {
        int64 rest = i / shape[d];
        at += (i - rest * shape[d]) * strides[d];
        i = rest;
    }
    return at + i * strides[0];
}
