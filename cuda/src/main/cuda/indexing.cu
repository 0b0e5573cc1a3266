// Reading and writing at places given by indices.
#include "common.cuh"

__device__ inline int64 indexAt(const void* indices, int wide, int64 i) {
    return wide ? ((const int64*)indices)[i] : ((const int*)indices)[i];
}

struct Check {
    const void* indices;
    int64* found;
    int64 count;
    int64 limit;
    int64 exempt;
    int exempts;
    int wide;
};

// The first place of an index that is neither in [0, limit) nor exempt, and that index; the count where there is none.
// One block.
extern "C" __global__ void check_indices(const Check p) {
    __shared__ int64 first[LANES];
    int64 mine = p.count;
    for (int64 i = threadIdx.x; i < p.count && mine == p.count; i += LANES) {
        int64 index = indexAt(p.indices, p.wide, i);
        if ((index < 0 || index >= p.limit) && !(p.exempts && index == p.exempt)) {
            mine = i;
        }
    }
    first[threadIdx.x] = mine;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int lane = 1; lane < LANES; lane++) {
            mine = first[lane] < mine ? first[lane] : mine;
        }
        p.found[0] = mine;
        p.found[1] = mine < p.count ? indexAt(p.indices, p.wide, mine) : 0;
    }
}

// `outer` slices of `from` or `to` rows of `inner` elements: row j of `to` has its place among the rows of `from` given
// for each of its elements by `indices [outer, to, inner]`, or by `indices [to]` for all of them.
struct Places {
    void* out;
    const void* in;
    const void* indices;
    int64 outer;
    int64 from;
    int64 to;
    int64 inner;
    int each;
    int wide;
    int bytes;
};

template <class E> __device__ inline void move(const Places& p, int64 to, int64 from) {
    ((E*)p.out)[to] = ((const E*)p.in)[from];
}

// out[i, j, l] = in[i, index, l]
extern "C" __global__ void gather(const Places p) {
    int64 size = p.outer * p.to * p.inner;
    for (int64 at = self(); at < size; at += all()) {
        int64 l = at % p.inner;
        int64 row = at / p.inner;
        int64 index = indexAt(p.indices, p.wide, p.each ? at : row % p.to);
        int64 from = (row / p.to * p.from + index) * p.inner + l;
        switch (p.bytes) {
            case 8: move<int64>(p, at, from); break;
            case 4: move<int>(p, at, from); break;
            case 2: move<short>(p, at, from); break;
            default: move<char>(p, at, from);
        }
    }
}

// out[i, index, l] += in[i, j, l], in the order of j: one thread to each i and l.
template <class E> __device__ void scatter_add(const Places& p) {
    int64 size = p.outer * p.inner;
    for (int64 at = self(); at < size; at += all()) {
        int64 i = at / p.inner;
        int64 l = at % p.inner;
        for (int64 j = 0; j < p.to; j++) {
            int64 from = (i * p.to + j) * p.inner + l;
            int64 index = indexAt(p.indices, p.wide, from);
            ((E*)p.out)[(i * p.from + index) * p.inner + l] += ((const E*)p.in)[from];
        }
    }
}
extern "C" __global__ void scatter_add_float32(const Places p) { scatter_add<float>(p); }
extern "C" __global__ void scatter_add_float64(const Places p) { scatter_add<double>(p); }
extern "C" __global__ void scatter_add_int64(const Places p) { scatter_add<int64>(p); }
extern "C" __global__ void scatter_add_int32(const Places p) { scatter_add<int>(p); }

struct Link {
    const void* indices;
    int64* next;
    int64 count;
    int wide;
};

// Chains places of equal indices: next[i] is the next place with the index of place i, count where there is none; its
// negative minus 1 where an earlier place has that index.
extern "C" __global__ void link(const Link p) {
    for (int64 i = self(); i < p.count; i += all()) {
        int64 index = indexAt(p.indices, p.wide, i);
        int64 next = i + 1;
        while (next < p.count && indexAt(p.indices, p.wide, next) != index) {
            next++;
        }
        int64 before = i - 1;
        while (before >= 0 && indexAt(p.indices, p.wide, before) != index) {
            before--;
        }
        p.next[i] = before >= 0 ? -next - 1 : next;
    }
}

struct AddRows {
    void* table;
    const void* values;
    const void* indices;
    const int64* next;
    int64 count;
    int64 width;
    int wide;
};

// table[index[i], :] += values[i, :], repeated indices in the order of i: the first place of each adds for all.
template <class E> __device__ void add_rows(const AddRows& p) {
    for (int64 at = self(); at < p.count * p.width; at += all()) {
        int64 i = at / p.width;
        int64 l = at % p.width;
        if (p.next[i] >= 0) {
            E* to = (E*)p.table + indexAt(p.indices, p.wide, i) * p.width + l;
            E sum = *to;
            int64 place = i;
            while (place < p.count) {
                sum += ((const E*)p.values)[place * p.width + l];
                int64 next = p.next[place];
                place = next < 0 ? -next - 1 : next;
            }
            *to = sum;
        }
    }
}
extern "C" __global__ void add_rows_float32(const AddRows p) { add_rows<float>(p); }
extern "C" __global__ void add_rows_float64(const AddRows p) { add_rows<double>(p); }
extern "C" __global__ void add_rows_int64(const AddRows p) { add_rows<int64>(p); }
extern "C" __global__ void add_rows_int32(const AddRows p) { add_rows<int>(p); }
