// Kernels without bugs, of the kinds that kernels come in. Generated with
// nvcc -ptx -arch=compute_80 -std=c++17 --fmad=false -O3

// One block to a row.
extern "C" __global__ void softmax(float* out, const float* in, int n) {
    __shared__ float parts[32];
    const float* x = in + (long long)blockIdx.x * n;
    float* y = out + (long long)blockIdx.x * n;
    int warps = blockDim.x / 32;
    float most = -INFINITY;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        most = fmaxf(most, x[i]);
    }
    for (int step = 16; step; step /= 2) {
        most = fmaxf(most, __shfl_xor_sync(~0u, most, step));
    }
    if (threadIdx.x % 32 == 0) {
        parts[threadIdx.x / 32] = most;
    }
    __syncthreads();
    for (int i = 0; i < warps; i++) {
        most = fmaxf(most, parts[i]);
    }
    __syncthreads();
    float sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        sum += expf(x[i] - most);
    }
    for (int step = 16; step; step /= 2) {
        sum += __shfl_down_sync(~0u, sum, step);
    }
    if (threadIdx.x % 32 == 0) {
        parts[threadIdx.x / 32] = sum;
    }
    __syncthreads();
    sum = 0;
    for (int i = 0; i < warps; i++) {
        sum += parts[i];
    }
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        y[i] = expf(x[i] - most) / sum;
    }
}

// Tiles of 16 x 16, in blocks of 16 x 16 threads.
extern "C" __global__ void multiply(float* c, const float* a, const float* b, int n) {
    __shared__ float left[16][16], right[16][16];
    int x = threadIdx.x, y = threadIdx.y;
    int row = blockIdx.y * 16 + y, column = blockIdx.x * 16 + x;
    float sum = 0;
    for (int k = 0; k < n; k += 16) {
        left[y][x] = row < n && k + x < n ? a[row * n + k + x] : 0;
        right[y][x] = column < n && k + y < n ? b[(k + y) * n + column] : 0;
        __syncthreads();
        for (int i = 0; i < 16; i++) {
            sum = fmaf(left[y][i], right[i][x], sum);
        }
        __syncthreads();
    }
    if (row < n && column < n) {
        c[row * n + column] = sum;
    }
}

// A bitonic network over the 256 numbers of a block.
extern "C" __global__ void sort(int* numbers) {
    __shared__ int s[256];
    int i = threadIdx.x;
    s[i] = numbers[i];
    __syncthreads();
    for (int size = 2; size <= 256; size *= 2) {
        for (int step = size / 2; step > 0; step /= 2) {
            int other = i ^ step;
            if (other > i && (s[i] > s[other]) == ((i & size) == 0)) {
                int t = s[i];
                s[i] = s[other];
                s[other] = t;
            }
            __syncthreads();
        }
    }
    numbers[i] = s[i];
}

// Philox 4x32-10.
extern "C" __global__ void philox(uint4* out, uint2 key) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    uint4 c = make_uint4(i, 0, 0, 0);
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, c.x), low0 = 0xD2511F53u * c.x;
        unsigned high1 = __umulhi(0xCD9E8D57u, c.z), low1 = 0xCD9E8D57u * c.z;
        c = make_uint4(high1 ^ c.y ^ key.x, low1, high0 ^ c.w ^ key.y, low0);
        key.x += 0x9E3779B9u;
        key.y += 0xBB67AE85u;
    }
    out[i] = c;
}

__device__ __noinline__ float polynomial(float x, int degree) {
    float powers[8];
    powers[0] = 1;
    for (int i = 1; i < 8; i++) {
        powers[i] = powers[i - 1] * x;
    }
    return powers[degree & 7];
}

// Calls, divergent ones too, and the library's functions with their branches and tables.
extern "C" __global__ void functions(double* out, const double* in, float* single) {
    int i = threadIdx.x;
    double x = in[i];
    double y = exp(x) + log(fabs(x) + 1) + sqrt(fabs(x)) + tanh(x) + erf(x) + sin(x * 1000) + cos(x) + pow(fabs(x), 1.7);
    if (i % 3 == 0) {
        y += polynomial((float)x, i);
    } else if (i % 3 == 1) {
        y -= polynomial((float)x + 1, i);
    }
    out[i] = y;
    float s = (float)x;
    single[i] = powf(fabsf(s), 2.3f) + tanhf(s) + erff(s) + log1pf(fabsf(s)) + cosf(s * 1e6f) + expf(s) + fmodf(s, 3.0f);
}

// Threads that part and meet again, a switch, and a vote.
extern "C" __global__ void parting(int* out, const int* in) {
    int i = threadIdx.x, v = in[i], steps = 0;
    while (v != 1) {
        v = v % 2 ? 3 * v + 1 : v / 2;
        steps++;
    }
    switch (in[i] & 7) {
    case 0: steps += 1000; break;
    case 1: steps *= 2; break;
    case 2: steps ^= 77; break;
    case 3: steps -= i; break;
    case 4: steps <<= 2; break;
    case 5: steps |= 4096; break;
    case 6: steps = ~steps; break;
    default: steps = -steps;
    }
    out[i] = steps + 100000 * __popc(__ballot_sync(~0u, in[i] % 2));
}

// Counts in shared memory, then adds to all blocks' counts.
extern "C" __global__ void histogram(unsigned* counts, const unsigned char* in, int n) {
    __shared__ unsigned mine[16];
    if (threadIdx.x < 16) {
        mine[threadIdx.x] = 0;
    }
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        atomicAdd(&mine[in[i] & 15], 1u);
    }
    __syncthreads();
    if (threadIdx.x < 16) {
        atomicAdd(&counts[threadIdx.x], mine[threadIdx.x]);
    }
}

// Shared memory between the lanes of a warp, ordered by its own barrier.
extern "C" __global__ void transposeInWarp(float* out, const float* in) {
    __shared__ float tile[32];
    tile[threadIdx.x] = in[threadIdx.x];
    __syncwarp();
    float x = tile[31 - threadIdx.x];
    __syncwarp();
    tile[threadIdx.x] = x * 2;
    __syncwarp();
    out[threadIdx.x] = tile[threadIdx.x ^ 3];
}

// The last block to come adds up what the others left: fences and an atomic order them.
extern "C" __global__ void lastBlockAdds(float* parts, unsigned* count, float* sum, const float* in) {
    __shared__ bool last;
    if (threadIdx.x == 0) {
        float part = 0;
        for (int i = 0; i < 8; i++) {
            part += in[blockIdx.x * 8 + i];
        }
        parts[blockIdx.x] = part;
        __threadfence();
        last = atomicAdd(count, 1u) == gridDim.x - 1;
    }
    __syncthreads();
    if (last) {
        __threadfence();
        if (threadIdx.x == 0) {
            float all = 0;
            for (int i = 0; i < gridDim.x; i++) {
                all += parts[i];
            }
            *sum = all;
        }
    }
}

// D = A B + C for one tile of 16 x 8 with depth 16, loaded by asynchronous copies and ldmatrix. A [16][16], B [16][8].
extern "C" __global__ void tensorCore(float* d, const unsigned short* a, const unsigned short* b, const float* c) {
    __shared__ __align__(16) unsigned short left[16 * 16], right[16 * 8];
    int lane = threadIdx.x;
    unsigned l = (unsigned)__cvta_generic_to_shared(left), r = (unsigned)__cvta_generic_to_shared(right);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(l + lane * 16), "l"(a + lane * 8) : "memory");
    if (lane < 16) {
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(r + lane * 16), "l"(b + lane * 8) : "memory");
    }
    asm volatile("cp.async.commit_group;\ncp.async.wait_group 0;" ::: "memory");
    __syncthreads();
    unsigned x[4], y[2];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(l + (lane % 16) * 32 + lane / 16 * 16));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
                 : "=r"(y[0]), "=r"(y[1])
                 : "r"(r + (lane % 16) * 16));
    int row = lane / 4, column = lane % 4 * 2;
    float s[4] = {c[row * 8 + column], c[row * 8 + column + 1], c[(row + 8) * 8 + column], c[(row + 8) * 8 + column + 1]};
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
                 : "+f"(s[0]), "+f"(s[1]), "+f"(s[2]), "+f"(s[3])
                 : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
    *(float2*)(d + row * 8 + column) = make_float2(s[0], s[1]);
    *(float2*)(d + (row + 8) * 8 + column) = make_float2(s[2], s[3]);
}

// The same with TF32, depth 8: A [16][8], B [8][8].
extern "C" __global__ void tensorCoreTf32(float* d, const float* a, const float* b) {
    int lane = threadIdx.x, row = lane / 4, k = lane % 4;
    unsigned x[4], y[2];
    for (int i = 0; i < 4; i++) {
        asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(x[i]) : "f"(a[(row + i % 2 * 8) * 8 + k + i / 2 * 4]));
    }
    for (int i = 0; i < 2; i++) {
        asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y[i]) : "f"(b[(k + i * 4) * 8 + row]));
    }
    float s[4] = {0, 0, 0, 0};
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
                 : "+f"(s[0]), "+f"(s[1]), "+f"(s[2]), "+f"(s[3])
                 : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
    for (int i = 0; i < 4; i++) {
        d[(row + i / 2 * 8) * 8 + k * 2 + i % 2] = s[i];
    }
}

struct Table {
    long long offsets[6];
    int count;
};

extern __shared__ float scratch[];
__constant__ float weights[4] = {0.5f, 1.5f, 2.5f, 3.5f};
__device__ int calls;

// A structure as parameter, read at an index; dynamic shared memory; constants; a variable of the module.
extern "C" __global__ void gather(const Table t, float* out, const float* in) {
    scratch[threadIdx.x] = in[t.offsets[threadIdx.x % t.count]] * weights[threadIdx.x % 4];
    __syncthreads();
    out[threadIdx.x] = scratch[blockDim.x - 1 - threadIdx.x];
    if (threadIdx.x == 0) {
        atomicAdd(&calls, 1);
        out[blockDim.x] = atomicAdd(&calls, 0);
    }
}
