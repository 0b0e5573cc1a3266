// Optimizer steps in place. Every operation is rounded once, in the order written, so that an element has the bits of
// the host. State is float32 for bfloat16 parameters.
#include "common.cuh"

struct Adam {
    void* parameter;
    const void* gradient;
    void* mean;
    void* variance;
    void* maximum;
    int64 count;
    double scale;
    double coupled;
    double shrink;
    double beta1;
    double rest1;
    double beta2;
    double rest2;
    double size;
    double correction;
    double epsilon;
};

template <class E, class G> __device__ inline void adam(const Adam& p) {
    typedef Real<E> R;
    R* mean = (R*)p.mean;
    R* variance = (R*)p.variance;
    R* maximum = (R*)p.maximum;
    for (int64 i = self(); i < p.count; i += all()) {
        R old = real(((E*)p.parameter)[i]);
        R g = (R)p.scale * real(((const G*)p.gradient)[i]) + (R)p.coupled * old;
        R m = (R)p.beta1 * mean[i] + (R)p.rest1 * g;
        R v = (R)p.beta2 * variance[i] + (R)p.rest2 * (g * g);
        mean[i] = m;
        variance[i] = v;
        R u = v;
        if (maximum) {
            u = larger(maximum[i], v);
            maximum[i] = u;
        }
        R divisor = root(u) * (R)p.correction + (R)p.epsilon;
        put((E*)p.parameter + i, old * (R)p.shrink - (R)p.size * m / divisor);
    }
}

struct Sgd {
    void* parameter;
    const void* gradient;
    void* momentum;
    int64 count;
    double scale;
    double decay;
    double mu;
    double rest;
    double rate;
    int first;
    int nesterov;
};

template <class E, class G> __device__ inline void sgd(const Sgd& p) {
    typedef Real<E> R;
    R* momentum = (R*)p.momentum;
    for (int64 i = self(); i < p.count; i += all()) {
        R old = real(((E*)p.parameter)[i]);
        R g = (R)p.scale * real(((const G*)p.gradient)[i]) + (R)p.decay * old;
        R direction = g;
        if (momentum) {
            R m = p.first ? g : (R)p.mu * momentum[i] + (R)p.rest * g;
            momentum[i] = m;
            direction = p.nesterov ? g + (R)p.mu * m : m;
        }
        put((E*)p.parameter + i, old - (R)p.rate * direction);
    }
}

// Named after the dtypes of parameter and gradient.
#define UPDATES(update, Parameters)                                                                        \
    extern "C" __global__ void update##_float32_float32(const Parameters p) { update<float, float>(p); }      \
    extern "C" __global__ void update##_float64_float64(const Parameters p) { update<double, double>(p); }    \
    extern "C" __global__ void update##_bfloat16_float32(const Parameters p) { update<bfloat16, float>(p); }  \
    extern "C" __global__ void update##_bfloat16_bfloat16(const Parameters p) { update<bfloat16, bfloat16>(p); }
UPDATES(adam, Adam)
UPDATES(sgd, Sgd)

const int CODED = 256;

struct Codes {
    unsigned char* codes;
    float* scales;
    float* values;
    const float* table;
    int64 count;
    int isSigned;
};

// One warp to a block of 256 numbers: its largest magnitude, and for each number the nearest of 256 values.
extern "C" __global__ void encode(const Codes p) {
    int64 blocks = (p.count + CODED - 1) / CODED;
    for (int64 block = blockIdx.x; block < blocks; block += gridDim.x) {
        int64 from = block * CODED;
        int n = p.count - from < CODED ? (int)(p.count - from) : CODED;
        float largest = 0;
        for (int i = threadIdx.x; i < n; i += LANES) {
            largest = larger(largest, fabsf(p.values[from + i]));
        }
        largest = largestOfLanes(largest);
        if (threadIdx.x == 0) {
            p.scales[block] = largest;
        }
        float inverse = largest > 0 ? 1 / largest : 0;
        for (int i = threadIdx.x; i < n; i += LANES) {
            float value = p.values[from + i];
            float x = inverse < 3.4028234663852886e38f ? value * inverse : value / largest;
            // The first code whose border to the next is not below the number.
            int low = 0;
            int high = CODED - 1;
            while (low < high) {
                int middle = (low + high) / 2;
                if ((p.table[middle] + p.table[middle + 1]) / 2 < x) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            p.codes[from + i] = !p.isSigned && value > 0 && low == 0 ? 1 : low;
        }
    }
}

extern "C" __global__ void decode(const Codes p) {
    for (int64 i = self(); i < p.count; i += all()) {
        p.values[i] = p.scales[i / CODED] * p.table[p.codes[i]];
    }
}
