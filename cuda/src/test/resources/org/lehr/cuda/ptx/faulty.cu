// Kernels with one bug each. HERE stands before the access that must be found. Generated with
// nvcc -ptx -arch=compute_80 -std=c++17 --fmad=false -O3

#define HERE asm volatile("// here" ::: "memory")

extern "C" __global__ void outOfBounds(float* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i <= n) {
        HERE;
        out[i] = i;
    }
}

extern "C" __global__ void negativeOffset(float* out, const float* in) {
    HERE;
    out[threadIdx.x] = in[(int)threadIdx.x - 3];
}

extern "C" __global__ void nowhere(float* out, const float* const* in) {
    const float* p = in[threadIdx.x];
    HERE;
    out[threadIdx.x] = *p;
}

extern "C" __global__ void outOfShared(float* out) {
    __shared__ float tile[32];
    HERE;
    *(volatile float*)&tile[threadIdx.x + 1] = 1.0f;
    out[threadIdx.x] = 0.0f;
}

extern "C" __global__ void plainCopy(float* out, const float* in) {
    HERE;
    out[threadIdx.x] = in[threadIdx.x];
}

extern "C" __global__ void misaligned(float* out) {
    HERE;
    ((float4*)(out + 1))[threadIdx.x] = make_float4(1, 2, 3, 4);
}

extern "C" __global__ void unwrittenShared(float* out) {
    __shared__ float tile[64];
    if (threadIdx.x != 5) {
        tile[threadIdx.x] = 1.0f;
    }
    __syncthreads();
    HERE;
    out[threadIdx.x] = tile[threadIdx.x ^ 1];
}

extern "C" __global__ void raceInBlock(float* out, const float* in) {
    __shared__ float tile[64];
    tile[threadIdx.x] = in[threadIdx.x];
    HERE;
    out[threadIdx.x] = tile[threadIdx.x / 2];
}

extern "C" __global__ void raceInWarp(float* out, const float* in) {
    __shared__ float tile[32];
    tile[threadIdx.x] = in[threadIdx.x];
    HERE;
    out[threadIdx.x] = tile[threadIdx.x ^ 1];
}

extern "C" __global__ void raceAfterRead(float* out, const float* in) {
    __shared__ float tile[64];
    tile[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    float other = tile[blockDim.x - 1 - threadIdx.x];
    HERE;
    tile[threadIdx.x] = other + 1.0f;
    __syncthreads();
    out[threadIdx.x] = tile[threadIdx.x];
}

extern "C" __global__ void raceOfWrites(float* out) {
    HERE;
    out[threadIdx.x / 2] = threadIdx.x;
}

extern "C" __global__ void raceOfBlocks(float* out) {
    HERE;
    out[threadIdx.x] = blockIdx.x;
}

extern "C" __global__ void raceAcrossBlocks(float* out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    out[i] = i;
    __syncthreads();
    if (blockIdx.x > 0) {
        HERE;
        out[i] = out[i - blockDim.x];
    }
}

extern "C" __global__ void raceWithAtomic(float* out) {
    atomicAdd(out, 1.0f);
    HERE;
    out[1 + threadIdx.x] = *out;
}

extern "C" __global__ void divergentBarrier(float* out) {
    __shared__ float tile[64];
    tile[threadIdx.x] = 1.0f;
    if (threadIdx.x < 16) {
        HERE;
        __syncthreads();
        out[threadIdx.x] = tile[threadIdx.x + 1];
    } else {
        out[threadIdx.x] = 0.0f;
    }
}

extern "C" __global__ void twoBarriers(float* out, int n) {
    __shared__ float tile[64];
    tile[threadIdx.x] = 1.0f;
    if (threadIdx.x < n) {
        __syncthreads();
        out[threadIdx.x] = tile[threadIdx.x + 1];
    } else {
        HERE;
        __syncthreads();
        out[threadIdx.x] = tile[threadIdx.x - 1] * 2;
    }
}

extern "C" __global__ void exitBeforeBarrier(float* out, int n) {
    __shared__ float tile[64];
    if (threadIdx.x >= n) {
        return;
    }
    tile[threadIdx.x] = 1.0f;
    HERE;
    __syncthreads();
    out[threadIdx.x] = tile[n - 1 - threadIdx.x];
}

extern "C" __global__ void lanesMissing(float* out, int n) {
    float x = threadIdx.x;
    if (threadIdx.x < n) {
        HERE;
        x += __shfl_xor_sync(0xffffffffu, x, 1);
        out[threadIdx.x] = x;
    } else {
        out[threadIdx.x] = __shfl_down_sync(0xffffffffu, x, 2);
    }
}

extern "C" __global__ void laneOutsideMask(float* out) {
    float x = threadIdx.x;
    if (threadIdx.x < 16) {
        HERE;
        x = __shfl_down_sync(0x0000ffffu, x, 4);
    }
    out[threadIdx.x] = x;
}

extern "C" __global__ void notInMask(float* out) {
    HERE;
    out[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, (float)threadIdx.x, 1);
}

extern "C" __global__ void endless(volatile float* out) {
    HERE;
    while (out[0] == 0.0f) {
    }
}

extern "C" __global__ void dividesByZero(int* out, const int* in) {
    HERE;
    out[threadIdx.x] = 100 / in[threadIdx.x];
}

extern "C" __global__ void traps(float* out) {
    if (threadIdx.x == 7) {
        HERE;
        __trap();
    }
    out[threadIdx.x] = 0;
}

extern "C" __global__ void readsTooEarly(float* out, const float* in) {
    __shared__ float tile[32];
    unsigned to = (unsigned)__cvta_generic_to_shared(tile + threadIdx.x);
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(in + threadIdx.x) : "memory");
    asm volatile("cp.async.commit_group;" ::: "memory");
    HERE;
    out[threadIdx.x] = tile[threadIdx.x];
    asm volatile("cp.async.wait_group 0;" ::: "memory");
}

__constant__ float table[4] = {1, 2, 3, 4};

extern "C" __global__ void writesConstants(float* out) {
    HERE;
    asm volatile("st.f32 [%0], %1;" ::"l"(table + threadIdx.x), "f"(1.0f) : "memory");
    out[threadIdx.x] = 0;
}
