/* The first pass over the rows in whole numbers: a quarter of the bytes of float32, and an interval around each score.

A row x of d dimensions is kept as scale s, codes q (whole numbers from -127 to 127) and rest r. In float64, and then
rounded up to float32, r is the length of x - s.q, so ||x - s.q|| <= r. A probe p is kept in the same way with codes of up
to 127.128, which are split into two parts of 8 bits, high and low (from -64 to 63): q = 128.high + low. With x' = s.q the
row that the codes stand for, and p' likewise,

    <p, x> = <p', x'> + <p - p', x'> + <p, x - x'>, so by Cauchy-Schwarz
    |<p, x> - s_p.s_x.<q_p, q_x>| <= r_p.||x'|| + ||p||.r_x <= r_p.(LONGEST + r_x) + ||p||.r_x = r_x.(||p|| + r_p) + r_p.LONGEST,

where no row is longer than LONGEST (scanning.py, which refuses others; MOST and SLACK stand in kernel.py). The product of
the codes is exact: every sum is taken modulo 2^32, and |<q_p, q_x>| <= 127.sum|q_p| <= 127.MOST < 2^31. What float32
rounds when the estimate and the interval are put together are at most 8 roundings of numbers no greater than 4
(dimensions up to MAX_DIMENSION: r_x <= LONGEST.sqrt(d)/254 < 0.26), that is 8.4.2^-24 < 2^-18; the final score, a float64
sum in the order of the dimensions, differs from <p, x> by at most d.2^-53.||p||.||x||/(1 - d.2^-53) < 2^-40. SLACK =
2^-17 is greater than both together. So the final score of every row lies in [estimate - far, estimate + far], far =
r_x.near + b, near = ||p|| + r_p, b = r_p.LONGEST + SLACK. All of this holds for any codes of the probe, so also for its high
parts alone, with 128.s_p as their scale and a greater rest: half the work, which most rows do not pass.

Of each list the `wanted` greatest lower ends are in a heap. A row whose upper end does not reach the least of them is
below `wanted` others, whatever they score, and is left out; every other is given out.

Rows stand in blocks of 64: for each 4 dimensions 64 x 4 bytes (code + 128), so that one lane of a register adds up one
row; then 64 scales and 64 rests in float32. Dimensions that are missing to a multiple of 8 have the code 0. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 64
#define MAX_DIMENSION 4096
#define PADDED(d) (((d) + 7) / 8 * 8)
#define AHEAD 4096 /* bytes read in advance: 8 % quicker than without */

#define INLINE static inline __attribute__((always_inline))

typedef struct {
    float scale, near, b;
    uint32_t start; /* -128 times the sum of the codes, modulo 2^32: the rows' codes are kept with 128 added */
} Terms;
typedef struct {
    Terms fine, coarse; /* by the codes, and by their high parts alone */
} Head; /* of a probe; then d4 codes in 16 bits, their d4 high parts and their d4 low parts in 8 */

typedef struct {
    int64_t heap, wanted, held, found, room, shown; /* where its heap begins and how long it is; the same of its rows */
} List;

#define PRODUCTS(NAME) void NAME(const uint8_t *codes, const Head *probe, Py_ssize_t d4, int fetch, int32_t *products)
typedef PRODUCTS(Products);
typedef struct {
    const uint8_t *blocks;
    Py_ssize_t d4, start, stop, probes;
    int64_t tag;
    const uint8_t *heads;
    List *lists;
    float *heap, *highs;
    int64_t *found;
} Pass;

static Py_ssize_t block_bytes(Py_ssize_t d4) { return BLOCK * (d4 + 8); }
static Py_ssize_t head_bytes(Py_ssize_t d4) { return (Py_ssize_t)sizeof(Head) + 4 * d4; }
static PRODUCTS(products_plain)
{
    const int16_t *q = (const int16_t *)(probe + 1);
    uint32_t sums[BLOCK];
    for (int row = 0; row < BLOCK; row++) sums[row] = probe->fine.start;
    for (Py_ssize_t at = 0; at < d4; at += 4, codes += 4 * BLOCK)
        for (int row = 0; row < BLOCK; row++) {
            const uint8_t *four = codes + 4 * row;
            sums[row] += (uint32_t)(four[0] * q[at] + four[1] * q[at + 1] + four[2] * q[at + 2] + four[3] * q[at + 3]);
        }
    memcpy(products, sums, sizeof sums);
}

#if defined(__x86_64__)
#include <immintrin.h>
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))
#define AVX2 __attribute__((target("avx2")))

VNNI static PRODUCTS(coarse_vnni)
{
    const uint8_t *high = (const uint8_t *)(probe + 1) + 2 * d4;
    __m512i sums[8]; /* eight chains, because one product takes longer than the next needs to begin */
    for (int k = 0; k < 8; k++) sums[k] = _mm512_set1_epi32(k < 4 ? (int)probe->coarse.start : 0);
    for (Py_ssize_t at = 0; at < d4; at += 8, codes += 8 * BLOCK) {
        int32_t eight[2];
        memcpy(eight, high + at, 8);
        for (int k = 0; k < 8; k++) {
            if (fetch) __builtin_prefetch(codes + 64 * k + AHEAD);
            sums[k] = _mm512_dpbusd_epi32(sums[k], _mm512_loadu_si512(codes + 64 * k), _mm512_set1_epi32(eight[k / 4]));
        }
    }
    for (int k = 0; k < 4; k++) _mm512_storeu_si512(products + 16 * k, _mm512_add_epi32(sums[k], sums[k + 4]));
}

VNNI static PRODUCTS(products_vnni)
{
    const uint8_t *high = (const uint8_t *)(probe + 1) + 2 * d4, *low = high + d4;
    __m512i h[4], l[4];
    for (int k = 0; k < 4; k++) h[k] = _mm512_setzero_si512(), l[k] = _mm512_set1_epi32((int)probe->fine.start);
    for (Py_ssize_t at = 0; at < d4; at += 4, codes += 4 * BLOCK) {
        int32_t four_high, four_low;
        memcpy(&four_high, high + at, 4), memcpy(&four_low, low + at, 4);
        __m512i highs = _mm512_set1_epi32(four_high), lows = _mm512_set1_epi32(four_low);
        for (int k = 0; k < 4; k++) {
            __m512i rows = _mm512_loadu_si512(codes + 64 * k);
            h[k] = _mm512_dpbusd_epi32(h[k], rows, highs);
            l[k] = _mm512_dpbusd_epi32(l[k], rows, lows);
        }
    }
    for (int k = 0; k < 4; k++)
        _mm512_storeu_si512(products + 16 * k, _mm512_add_epi32(_mm512_slli_epi32(h[k], 7), l[k]));
}

/* In 16 bits: `maddubs` adds two products of 8 bits into 16 and saturates. 255.127.128.2 < 2^31. */
AVX2 static PRODUCTS(products_avx2)
{
    const int16_t *q = (const int16_t *)(probe + 1);
    for (int half = 0; half < 2; half++) {
        const uint8_t *from = codes + 128 * half;
        __m256i sums[8];
        for (int k = 0; k < 8; k++) sums[k] = _mm256_setzero_si256();
        for (Py_ssize_t at = 0; at < d4; at += 4, from += 4 * BLOCK) {
            int64_t four;
            memcpy(&four, q + at, 8);
            __m256i probes = _mm256_set1_epi64x(four);
            if (fetch) __builtin_prefetch(from + AHEAD), __builtin_prefetch(from + AHEAD + 64);
            for (int k = 0; k < 8; k++) {
                __m256i rows = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(from + 16 * k)));
                sums[k] = _mm256_add_epi32(sums[k], _mm256_madd_epi16(rows, probes));
            }
        }
        for (int k = 0; k < 8; k += 2) { /* pairs of neighbours: rows 0 1 4 5 2 3 6 7, then put in order */
            __m256i eight = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[k], sums[k + 1]), 0xD8);
            eight = _mm256_add_epi32(eight, _mm256_set1_epi32((int)probe->fine.start));
            _mm256_storeu_si256((__m256i *)(products + 32 * half + 4 * k), eight);
        }
    }
}
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_neon.h>
#include <sys/auxv.h>
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* Adds four products of 8 bits to each lane. Rows are read as signed: code + 128 with the top bit turned is the code. */
#define NEON_PRODUCTS(NAME, TARGET, ADD)                                                                              \
    TARGET static PRODUCTS(NAME)                                                                                      \
    {                                                                                                                 \
        const uint8_t *high = (const uint8_t *)(probe + 1) + 2 * d4, *low = high + d4;                                \
        int32_t four; /* of the probe; `start` is not needed where rows are signed */                                 \
        for (int part = 0; part < 4; part++) {                                                                        \
            const uint8_t *from = codes + 64 * part;                                                                  \
            int32x4_t h[4], l[4];                                                                                     \
            for (int k = 0; k < 4; k++) h[k] = l[k] = vdupq_n_s32(0);                                                 \
            for (Py_ssize_t at = 0; at < d4; at += 4, from += 4 * BLOCK) {                                            \
                if (fetch) __builtin_prefetch(from + AHEAD);                                                          \
                memcpy(&four, high + at, 4);                                                                          \
                int8x16_t highs = vreinterpretq_s8_s32(vdupq_n_s32(four));                                            \
                memcpy(&four, low + at, 4);                                                                           \
                int8x16_t lows = vreinterpretq_s8_s32(vdupq_n_s32(four));                                             \
                for (int k = 0; k < 4; k++) {                                                                         \
                    int8x16_t rows = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(from + 16 * k), vdupq_n_u8(128)));         \
                    h[k] = ADD(h[k], rows, highs);                                                                    \
                    l[k] = ADD(l[k], rows, lows);                                                                     \
                }                                                                                                     \
            }                                                                                                         \
            for (int k = 0; k < 4; k++)                                                                               \
                vst1q_s32(products + 16 * part + 4 * k, vaddq_s32(vshlq_n_s32(h[k], 7), l[k]));                       \
        }                                                                                                             \
    }

static inline int32x4_t add_neon(int32x4_t sums, int8x16_t rows, int8x16_t probes)
{
    int32x4_t first = vpaddlq_s16(vmull_s8(vget_low_s8(rows), vget_low_s8(probes))); /* 127.127 fits in 16 bits */
    return vaddq_s32(sums, vpaddq_s32(first, vpaddlq_s16(vmull_high_s8(rows, probes))));
}
NEON_PRODUCTS(products_neon, , add_neon)
NEON_PRODUCTS(products_dotprod, DOTPROD, vdotq_s32)
#endif

static void sink(float *heap, int64_t held, int64_t at) /* the least is first */
{
    for (int64_t child; (child = 2 * at + 1) < held; at = child) {
        if (child + 1 < held && heap[child + 1] < heap[child]) child++;
        if (heap[at] <= heap[child]) return;
        float least = heap[child];
        heap[child] = heap[at], heap[at] = least;
    }
}

static void keep(List *list, float *heap, float low)
{
    if (list->held == list->wanted) {
        if (low > heap[0]) heap[0] = low, sink(heap, list->held, 0);
        return;
    }
    heap[list->held++] = low;
    if (list->held == list->wanted)
        for (int64_t at = list->held / 2; at-- > 0;) sink(heap, list->held, at);
}

static float bar(const List *list, const float *heap) { return list->held == list->wanted ? heap[0] : -INFINITY; }

/* Room for one block more, if need be by leaving out what has meanwhile fallen below the bar. */
static int has_room(const Pass *pass, List *list)
{
    if (list->shown + BLOCK <= list->room) return 1;
    int64_t *found = pass->found + list->found, kept = 0;
    float *highs = pass->highs + list->found, least = bar(list, pass->heap + list->heap);
    for (int64_t at = 0; at < list->shown; at++)
        if (highs[at] >= least) found[kept] = found[at], highs[kept++] = highs[at];
    list->shown = kept;
    return kept + BLOCK <= list->room && kept <= list->room / 4 * 3;
}

/* Whether the upper end of any of these rows reaches the bar. */
INLINE int reach(const int32_t *dots, const float *scales, const float *rests, int rows, const Terms *of, float least)
{
    int any = 0;
    for (int row = 0; row < rows; row++)
        any |= dots[row] * (scales[row] * of->scale) + (rests[row] * of->near + of->b) >= least;
    return any;
}

INLINE Py_ssize_t pass_with(const Pass *pass, Products *coarse, Products *fine)
{
    for (Py_ssize_t first = pass->start; first < pass->stop; first += BLOCK) {
        const uint8_t *block = pass->blocks + first / BLOCK * block_bytes(pass->d4);
        const float *scales = (const float *)(block + BLOCK * pass->d4), *rests = scales + BLOCK;
        int rows = pass->stop - first < BLOCK ? (int)(pass->stop - first) : BLOCK;
        for (Py_ssize_t at = 0; at < pass->probes; at++)
            if (!has_room(pass, pass->lists + at)) return first;
        for (Py_ssize_t at = 0; at < pass->probes; at++) {
            const Head *probe = (const Head *)(pass->heads + at * head_bytes(pass->d4));
            List *list = pass->lists + at;
            float *heap = pass->heap + list->heap, least = bar(list, heap);
            int32_t dots[BLOCK];
            if (coarse) {
                coarse(block, probe, pass->d4, at == 0, dots);
                if (!reach(dots, scales, rests, BLOCK, &probe->coarse, least)) continue;
            }
            fine(block, probe, pass->d4, at == 0, dots);
            for (int row = 0; row < rows; row++) {
                if (row % 16 == 0 && !reach(dots + row, scales + row, rests + row, 16, &probe->fine, least)) {
                    row += 15;
                    continue;
                }
                float estimate = dots[row] * (scales[row] * probe->fine.scale);
                float far = rests[row] * probe->fine.near + probe->fine.b;
                if (!(estimate + far >= least)) continue;
                pass->found[list->found + list->shown] = pass->tag << 32 | (first + row);
                pass->highs[list->found + list->shown++] = estimate + far;
                keep(list, heap, estimate - far);
                least = bar(list, heap);
            }
        }
    }
    return pass->stop;
}

typedef struct {
    const char *name;
    Py_ssize_t (*pass)(const Pass *pass);
    int (*runs)(void);
} Variant;

#define VARIANT(NAME, TARGET, COARSE, RUNS)                                                                           \
    TARGET static Py_ssize_t pass_##NAME(const Pass *pass) { return pass_with(pass, COARSE, products_##NAME); }       \
    static int runs_##NAME(void) { return RUNS; }
#define NAMED(TEXT, NAME) {TEXT, pass_##NAME, runs_##NAME}

VARIANT(plain, , NULL, 1)
#if defined(__x86_64__)
VARIANT(vnni, VNNI, coarse_vnni, __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"))
VARIANT(avx2, AVX2, NULL, __builtin_cpu_supports("avx2") != 0)
static const Variant VARIANTS[] = {NAMED("avx512-vnni", vnni), NAMED("avx2", avx2), NAMED("plain", plain)};
#elif defined(__aarch64__) && defined(__linux__)
VARIANT(neon, , NULL, 1)
VARIANT(dotprod, DOTPROD, NULL, (getauxval(AT_HWCAP) >> 20) & 1) /* HWCAP_ASIMDDP */
static const Variant VARIANTS[] = {NAMED("dotprod", dotprod), NAMED("neon", neon), NAMED("plain", plain)};
#else
static const Variant VARIANTS[] = {NAMED("plain", plain)};
#endif
#define KINDS ((int)(sizeof VARIANTS / sizeof *VARIANTS))

/* Codes one row. 0: it has no codes, being zero, not finite, or longer than 2. scanning.py asks for more. */
static int coded(const float *x, Py_ssize_t d, uint8_t *block, Py_ssize_t lane)
{
    float *scale = (float *)(block + BLOCK * PADDED(d)) + lane;
    double greatest = 0, squares = 0, left = 0;
    for (Py_ssize_t at = 0; at < d; at++) {
        double size = fabs((double)x[at]);
        greatest = size > greatest ? size : greatest;
        squares += size * size;
    }
    if (!(greatest >= FLT_MIN && squares <= 4)) return 0; /* so written that what is not a number has none either */
    scale[0] = (float)(greatest / 127);
    for (Py_ssize_t at = 0; at < d; at++) {
        int code = (int)(x[at] / scale[0] + 128.5f); /* to the nearest; from 0 to 256 */
        code = code < 1 ? 1 : code > 255 ? 255 : code;
        double rest = x[at] - (code - 128) * (double)scale[0];
        left += rest * rest;
        block[at / 4 * 4 * BLOCK + 4 * lane + at % 4] = (uint8_t)code;
    }
    scale[BLOCK] = (float)(sqrt(left) * (1 + 0x1p-20)) + FLT_MIN; /* up: float64 and the cast lose less than 2^-22 of it */
    return 1;
}

/* Whether a buffer holds `need` bytes from an address that is a multiple of `align`. */
static int holds(const Py_buffer *buffer, long long need, int align, const char *what)
{
    if (buffer->len >= need && (uintptr_t)buffer->buf % (uintptr_t)align == 0) return 1;
    PyErr_Format(PyExc_ValueError, "%s: %zd bytes came, %lld at a multiple of %d were expected", what, buffer->len, need, align);
    return 0;
}

static int has_blocks(const Py_buffer *blocks, Py_ssize_t d, Py_ssize_t start, Py_ssize_t stop)
{
    if (d < 1 || d > MAX_DIMENSION || start < 0 || stop < start || stop > UINT32_MAX) {
        PyErr_Format(PyExc_ValueError, "rows %zd to %zd of %zd dimensions cannot be", start, stop, d);
        return 0;
    }
    return holds(blocks, (int64_t)(stop + BLOCK - 1) / BLOCK * block_bytes(PADDED(d)), 4, "blocks");
}

static PyObject *py_put(PyObject *module, PyObject *args)
{
    Py_buffer blocks, rows;
    Py_ssize_t d, place, n, row = 0;
    if (!PyArg_ParseTuple(args, "w*nny*", &blocks, &d, &place, &rows)) return NULL;
    n = d > 0 ? rows.len / 4 / d : 0;
    if (has_blocks(&blocks, d, place, place > PY_SSIZE_T_MAX - n ? -1 : place + n) && holds(&rows, n * d * 4, 4, "rows")) {
        Py_BEGIN_ALLOW_THREADS
        for (const float *from = rows.buf; row < n; row++, from += d, place++)
            if (!coded(from, d, (uint8_t *)blocks.buf + place / BLOCK * block_bytes(PADDED(d)), place % BLOCK)) break;
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&blocks), PyBuffer_Release(&rows);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(row);
}

static PyObject *py_scan(PyObject *module, PyObject *args)
{
    const char *name;
    Py_buffer blocks, heads, lists, heap, found, highs;
    Py_ssize_t d, start, stop, reached = -1;
    long long tag;
    if (!PyArg_ParseTuple(args, "sy*nnnLy*w*w*w*w*", &name, &blocks, &d, &start, &stop, &tag, &heads, &lists, &heap, &found,
                          &highs)) return NULL;
    const Variant *variant = NULL;
    for (int at = 0; at < KINDS; at++)
        if (!strcmp(VARIANTS[at].name, name) && VARIANTS[at].runs()) variant = VARIANTS + at;
    if (!variant) PyErr_Format(PyExc_ValueError, "the variant %s does not run here", name);
    if (!variant || !has_blocks(&blocks, d, start, stop)) goto end;
    Pass pass = {blocks.buf, PADDED(d), start, stop, lists.len / (Py_ssize_t)sizeof(List), tag, heads.buf, lists.buf, heap.buf,
                 highs.buf, found.buf};
    if (start % BLOCK || tag < 0 || tag > INT32_MAX)
        PyErr_SetString(PyExc_ValueError, "a pass starts with a block, and its tag is of 31 bits");
    else if (holds(&heads, pass.probes * head_bytes(pass.d4), 4, "heads") && holds(&lists, 0, 8, "lists") &&
             holds(&heap, 0, 4, "heap") && holds(&found, 0, 8, "found") && holds(&highs, 0, 4, "highs")) {
        const int64_t heaps = heap.len / 4, rooms = found.len / 8 < highs.len / 4 ? found.len / 8 : highs.len / 4;
        for (const List *list = pass.lists; list < pass.lists + pass.probes && !PyErr_Occurred(); list++)
            if (list->heap < 0 || list->wanted < 1 || list->wanted > heaps || list->heap > heaps - list->wanted ||
                list->held < 0 || list->held > list->wanted || list->found < 0 || list->room < 0 || list->room > rooms ||
                list->found > rooms - list->room || list->shown < 0 || list->shown > list->room)
                PyErr_SetString(PyExc_ValueError, "a list lies outside of its buffers");
        if (!PyErr_Occurred()) {
            Py_BEGIN_ALLOW_THREADS
            reached = variant->pass(&pass);
            Py_END_ALLOW_THREADS
        }
    }
end:
    PyBuffer_Release(&blocks), PyBuffer_Release(&heads), PyBuffer_Release(&lists), PyBuffer_Release(&heap);
    PyBuffer_Release(&found), PyBuffer_Release(&highs);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(reached);
}

static PyObject *py_variants(PyObject *module, PyObject *ignored)
{
    PyObject *names = PyList_New(0);
    for (int at = 0; names && at < KINDS; at++) {
        PyObject *name = VARIANTS[at].runs() ? PyUnicode_FromString(VARIANTS[at].name) : NULL;
        if (name && PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static PyMethodDef METHODS[] = {
    {"variants", py_variants, METH_NOARGS, "names of the variants that run here, the quickest first"},
    {"put", py_put, METH_VARARGS, "how many rows were put; the next is no unit vector"},
    {"scan", py_scan, METH_VARARGS, "how far there was room"}, /* arguments: see _scan.pyi */
    {0}};
static PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_scan", "The first pass over the rows, in whole numbers.", 0, METHODS};
PyMODINIT_FUNC PyInit__scan(void) { return PyModuleDef_Init(&MODULE); }
