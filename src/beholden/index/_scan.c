/* The first pass over the rows in whole numbers: an eighth of the bytes of float32, and an interval around each score.

A row x of d dimensions is kept as a scale s and codes c (whole numbers from 1 to 255), which stand for x' = s.(c - 128), and
each code as two halves of 4 bits, c = 16.high + low, of which the high one alone stands for x'' = 16.s.(high - 7.5). Two rests
are kept beside them, in float64 and then rounded up to float32: the lengths of x - x' and of x - x''. A probe p is kept in the
same way with codes q of up to 127.128, split into two parts of 8 bits, q = 128.high + low (low from -64 to 63), and the high
part alone stands for it too. Whatever codes x' and p' stand for, with r_x and r_p the lengths of what they leave of x and p,

    <p, x> = <p', x'> + <p - p', x'> + <p, x - x'>, so by Cauchy-Schwarz
    |<p, x> - <p', x'>| <= r_p.||x'|| + ||p||.r_x <= r_p.(LONGEST + r_x) + ||p||.r_x = r_x.(||p|| + r_p) + r_p.LONGEST,

where no row is longer than LONGEST (scanning.py, which refuses others; MOST and SLACK stand in kernel.py). Three products are
used, each with more to read and a narrower interval than the one before: coarse (high halves with high parts), middle (whole
codes with high parts), fine (whole codes with whole codes). Each is exact: sums are taken modulo 2^32, and |<q, c - 128>| <=
127.sum|q| <= 127.MOST < 2^31. What float32 rounds when estimate and interval are put together are at most 8 roundings of
numbers no greater than 13 (dimensions up to MAX_DIMENSION: r_p <= LONGEST.sqrt(d)/252 < 0.26, r_x <= LONGEST.17.sqrt(d)/254
< 4.3), that is 8.13.2^-24 < 0.82.2^-17; the final score, a float64 sum in the order of the dimensions, differs from <p, x> by at
most d.2^-53.||p||.||x||/(1 - d.2^-53) < 2^-40. SLACK = 2^-17 is greater than both together. So the final score of every row
lies in [estimate - far, estimate + far], far = r_x.near + b, near = ||p|| + r_p, b = r_p.LONGEST + SLACK.

`bounds` reads every row and gives the greatest upper end of each block, by the coarse product or, if `whole`, by the middle
one. `finish` reads some blocks again and gives both ends, by the fine product, of their rows whose upper ends reach a bar. Of
any rows, the wanted-th greatest lower end is such a bar: what does not reach it is below `wanted` others, whatever they score.

Rows stand in blocks of 16: the high halves of all blocks, each with its scales and rests, then the low halves, each with its
rests. Of 8 dimensions there are 16 x 4 bytes, so that one lane of a register adds up one row: a byte has the half of one of the
first four dimensions, and above it that of one of the second four. Dimensions that are missing to a multiple of 32 have the
code 0 in every probe. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 16
#define MAX_DIMENSION 4096
#define PADDED(d) (((d) + 31) / 32 * 32) /* d4 below */
#define AHEAD 4096 /* bytes that are fetched in advance where all are read; where some are, so many blocks: */
#define DUE 4
#define TOGETHER 4 /* blocks whose codes are taken out of their halves together, for several probes of so many dimensions at most: */
#define DENSE 512

#define INLINE static inline __attribute__((always_inline))
typedef struct { float scale, near, b; uint32_t start; } Terms; /* the last is added, modulo 2^32: halves are from 0 up */
typedef struct { Terms fine, middle, coarse; } Head; /* of a probe; then its d4 high parts and its d4 low parts in 8 bits */
typedef struct {
    const uint8_t *highs, *lows, *heads;
    Py_ssize_t d4, rows, start, stop; /* blocks from `start` to before `stop`, or as many as `stop` says */
    Py_ssize_t probes, whole, apart;  /* how far the upper ends for one probe lie from those for the next */
} Pass;
typedef struct { int64_t *places; float *lows, *highs; } Ends; /* of the rows that were found */

static Py_ssize_t plane_bytes(Py_ssize_t d4) { return BLOCK * d4 / 2; }
static Py_ssize_t high_bytes(Py_ssize_t d4) { return plane_bytes(d4) + 8 * BLOCK; }
static Py_ssize_t low_bytes(Py_ssize_t d4) { return plane_bytes(d4) + 4 * BLOCK; }
static Py_ssize_t head_bytes(Py_ssize_t d4) { return (Py_ssize_t)sizeof(Head) + 2 * d4; }
static Py_ssize_t blocks_of(int64_t rows) { return (Py_ssize_t)((rows + BLOCK - 1) / BLOCK); }

/* The sums of products of a block's halves with one part of a probe. V: a register of so many lanes of 32 bits. Four are read in
turn, of so many dimensions: one product takes longer than the next needs to begin. `onto`: sixteen times what is there is added,
so that low halves make codes of high ones. Not inlined: gcc 12 mixed up the addresses of two such loops, one after the other. */
typedef void Dots(const uint8_t *halves, const int8_t *part, Py_ssize_t d4, int ahead, int onto, int32_t *dots);
#define DOTS(NAME, TARGET, V, LANES)                                                                                     \
    TARGET INLINE void sums_##NAME(const uint8_t *halves, const int8_t *part, Py_ssize_t d4, int ahead, int onto, int32_t *dots) \
    {                                                                                                                    \
        enum { EACH = BLOCK / LANES, EIGHTS = 4 / EACH }; /* registers for 8 dimensions, and how often these at once */  \
        V firsts[4], seconds[4], both;                                                                                   \
        for (int k = 0; k < 4; k++) firsts[k] = seconds[k] = (V){0};                                                     \
        for (; d4 > 0; d4 -= 8 * EIGHTS, halves += 4 * BLOCK * EIGHTS, part += 8 * EIGHTS)                               \
            for (int k = 0; k < 4; k++) {                                                                                \
                int32_t first, second;                                                                                   \
                memcpy(&first, part + k / EACH * 8, 4), memcpy(&second, part + k / EACH * 8 + 4, 4);                     \
                if (ahead) __builtin_prefetch(halves + 4 * LANES * k + AHEAD);                                           \
                memcpy(&both, halves + 4 * LANES * k, sizeof both);                                                      \
                firsts[k] = add_##NAME(firsts[k], both & 0x0F0F0F0F, (V){0} + first);                                    \
                seconds[k] = add_##NAME(seconds[k], both >> 4 & 0x0F0F0F0F, (V){0} + second);                            \
            }                                                                                                            \
        for (int k = 0; k < 4; k++) firsts[k] += seconds[k];                                                             \
        if (EACH < 4) firsts[0] += firsts[2], firsts[1] += firsts[3];                                                    \
        if (EACH < 2) firsts[0] += firsts[1];                                                                            \
        for (int k = 0; k < EACH; k++) {                                                                                 \
            if (onto) memcpy(&both, dots + LANES * k, sizeof both), firsts[k] += both * 16;                              \
            memcpy(dots + LANES * k, firsts + k, sizeof both);                                                           \
        }                                                                                                                \
    }                                                                                                                    \
    TARGET static __attribute__((noinline)) void dots_##NAME(const uint8_t *halves, const int8_t *part, Py_ssize_t d4,   \
                                                             int ahead, int onto, int32_t *dots)                         \
    { ahead ? sums_##NAME(halves, part, d4, 1, onto, dots) : sums_##NAME(halves, part, d4, 0, onto, dots); }

/* For several probes: the codes of some blocks, each in a byte of its own, four dimensions after four. */
typedef void Unpack(const uint8_t *high, const uint8_t *low, Py_ssize_t d4, uint8_t *codes);
typedef void Dense(const uint8_t *codes, const int8_t *part, Py_ssize_t d4, int32_t *dots);

typedef int32_t Four __attribute__((vector_size(16)));
INLINE Four add_plain(Four sums, Four halves, Four part)
{
    for (int bit = 0; bit < 32; bit += 8) sums += (halves >> bit & 15) * ((Four)((Four)part << (24 - bit)) >> 24);
    return sums;
}
DOTS(plain, , Four, 4)

#if defined(__x86_64__)
#include <immintrin.h>
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))
#define AVX2 __attribute__((target("avx2")))
typedef int32_t Eight __attribute__((vector_size(32))), Sixteen __attribute__((vector_size(64)));
VNNI INLINE Sixteen add_vnni(Sixteen sums, Sixteen halves, Sixteen part)
{
    return (Sixteen)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)halves, (__m512i)part);
}
AVX2 INLINE Eight add_avx2(Eight sums, Eight halves, Eight part) /* 2.15.127 fits in 16 bits */
{
    return sums + (Eight)_mm256_madd_epi16(_mm256_maddubs_epi16((__m256i)halves, (__m256i)part), _mm256_set1_epi16(1));
}
DOTS(vnni, VNNI, Sixteen, 16)
VNNI static void unpack_vnni(const uint8_t *high, const uint8_t *low, Py_ssize_t d4, uint8_t *codes)
{
    for (int n = 0; n < TOGETHER; n++, high += high_bytes(d4), low += low_bytes(d4))
        for (Py_ssize_t at = 0; at < plane_bytes(d4); at += 4 * BLOCK) {
            Sixteen upper, lower, both[2];
            __builtin_prefetch(high + at + AHEAD), __builtin_prefetch(low + at + AHEAD);
            memcpy(&upper, high + at, sizeof upper), memcpy(&lower, low + at, sizeof lower);
            both[0] = (upper & 0x0F0F0F0F) << 4 | (lower & 0x0F0F0F0F), both[1] = (upper & ~0x0F0F0F0F) | (lower >> 4 & 0x0F0F0F0F);
            memcpy(codes + 2 * TOGETHER * at + 4 * BLOCK * n, both, sizeof upper);
            memcpy(codes + 2 * TOGETHER * at + 4 * BLOCK * (n + TOGETHER), both + 1, sizeof upper);
        }
}
VNNI static void dense_vnni(const uint8_t *codes, const int8_t *part, Py_ssize_t d4, int32_t *dots)
{
    Sixteen sums[2 * TOGETHER], each;
    for (int k = 0; k < 2 * TOGETHER; k++) sums[k] = (Sixteen){0};
    for (; d4 > 0; d4 -= 8, part += 8, codes += 8 * BLOCK * TOGETHER)
        for (int k = 0; k < 2 * TOGETHER; k++) {
            int32_t four;
            memcpy(&four, part + k / TOGETHER * 4, 4), memcpy(&each, codes + 4 * BLOCK * k, sizeof each);
            sums[k] = add_vnni(sums[k], each, (Sixteen){0} + four);
        }
    for (int k = 0; k < TOGETHER; k++) sums[k] += sums[k + TOGETHER], memcpy(dots + BLOCK * k, sums + k, sizeof each);
}
DOTS(avx2, AVX2, Eight, 8)
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_neon.h>
#include <sys/auxv.h>
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))
INLINE Four add_neon(Four sums, Four halves, Four part)
{
    int16x8_t first = vmull_s8(vget_low_s8((int8x16_t)halves), vget_low_s8((int8x16_t)part)); /* 15.127 fits in 16 bits */
    int16x8_t second = vmull_high_s8((int8x16_t)halves, (int8x16_t)part);
    return sums + (Four)vpaddq_s32(vpaddlq_s16(first), vpaddlq_s16(second));
}
DOTPROD INLINE Four add_dotprod(Four sums, Four halves, Four part)
{
    return (Four)vdotq_s32((int32x4_t)sums, (int8x16_t)halves, (int8x16_t)part);
}
DOTS(neon, , Four, 4)
DOTS(dotprod, DOTPROD, Four, 4)
#endif

/* The greatest upper end of a block's rows; those that are not in use only add to it. */
INLINE float greatest(const int32_t *dots, int times, const float *scales, const float *rests, const Terms *of)
{
    float uppers[BLOCK];
    for (int row = 0; row < BLOCK; row++) {
        int32_t product = (int32_t)((uint32_t)times * (uint32_t)dots[row] + of->start);
        uppers[row] = (float)product * (scales[row] * of->scale) + (rests[row] * of->near + of->b);
    }
#define HALVE(LEFT) for (int k = 0; k < LEFT; k++) uppers[k] = uppers[k] > uppers[k + LEFT] ? uppers[k] : uppers[k + LEFT]
    HALVE(8); HALVE(4); HALVE(2);
    return uppers[0] > uppers[1] ? uppers[0] : uppers[1];
}

/* The greatest upper ends of some blocks, for each probe. */
INLINE void bound(const Pass *pass, Py_ssize_t block, int blocks, float *uppers, Dots *dots, Unpack *unpack, Dense *dense)
{
    const Py_ssize_t d4 = pass->d4, plane = plane_bytes(d4), apart = high_bytes(d4), below = low_bytes(d4);
    const uint8_t *high = pass->highs + block * apart, *low = pass->lows + block * below;
    uint8_t codes[TOGETHER * BLOCK * DENSE] __attribute__((aligned(64)));
    if (unpack) unpack(high, low, d4, codes);
    for (Py_ssize_t at = 0; at < pass->probes; at++) {
        const Head *probe = (const Head *)(pass->heads + at * head_bytes(d4));
        const int8_t *part = (const int8_t *)(probe + 1);
        int32_t products[TOGETHER * BLOCK];
        if (unpack) dense(codes, part, d4, products);
        for (int n = 0; n < blocks; n++) {
            const float *scales = (const float *)(high + n * apart + plane), *rests = (const float *)(low + n * below + plane);
            if (!unpack) dots(high + n * apart, part, d4, !at, 0, products + n * BLOCK);
            if (!unpack && pass->whole) dots(low + n * below, part, d4, !at, 1, products + n * BLOCK);
            uppers[at * pass->apart + block + n] = pass->whole
                ? greatest(products + n * BLOCK, 1, scales, rests, &probe->middle)
                : greatest(products + n * BLOCK, 2, scales, scales + BLOCK, &probe->coarse);
        }
    }
}

INLINE void bounds_with(const Pass *pass, float *uppers, Dots *dots, Unpack *unpack, Dense *dense)
{
    Py_ssize_t block = pass->start;
    if (unpack && pass->probes > 1 && pass->whole && pass->d4 <= DENSE)
        for (; block + TOGETHER <= pass->stop; block += TOGETHER) bound(pass, block, TOGETHER, uppers, dots, unpack, dense);
    for (; block < pass->stop; block++) bound(pass, block, 1, uppers, dots, NULL, NULL);
}

/* The rows of some blocks whose upper ends reach the bar: how many. */
INLINE Py_ssize_t finish_with(const Pass *pass, const int64_t *blocks, float bar, const Ends *ends, Dots *dots)
{
    const Py_ssize_t d4 = pass->d4, apart = high_bytes(d4), below = low_bytes(d4);
    const Head *probe = (const Head *)pass->heads;
    const int8_t *part = (const int8_t *)(probe + 1); /* the high ones */
    Py_ssize_t found = 0;
    for (Py_ssize_t at = 0, next = 0; at < pass->stop; at++) {
        for (; next < pass->stop && next < at + DUE; next++) {
            for (Py_ssize_t byte = 0; byte < apart; byte += 64) __builtin_prefetch(pass->highs + blocks[next] * apart + byte);
            for (Py_ssize_t byte = 0; byte < below; byte += 64) __builtin_prefetch(pass->lows + blocks[next] * below + byte);
        }
        const uint8_t *high = pass->highs + blocks[at] * apart, *low = pass->lows + blocks[at] * below;
        const float *scales = (const float *)(high + plane_bytes(d4)), *rests = (const float *)(low + plane_bytes(d4));
        int32_t products[BLOCK], more[BLOCK];
        dots(high, part, d4, 0, 0, products), dots(low, part, d4, 0, 1, products);
        if (!(greatest(products, 1, scales, rests, &probe->middle) >= bar)) continue;
        dots(high, part + d4, d4, 0, 0, more), dots(low, part + d4, d4, 0, 1, more);
        for (int row = 0; row < BLOCK && blocks[at] * BLOCK + row < pass->rows; row++) {
            uint32_t product = 128 * (uint32_t)products[row] + (uint32_t)more[row] + probe->fine.start;
            float estimate = (float)(int32_t)product * (scales[row] * probe->fine.scale);
            float far = rests[row] * probe->fine.near + probe->fine.b;
            if (!(estimate + far >= bar)) continue;
            ends->places[found] = blocks[at] * BLOCK + row;
            ends->lows[found] = estimate - far, ends->highs[found++] = estimate + far;
        }
    }
    return found;
}

typedef struct {
    const char *name;
    void (*bounds)(const Pass *pass, float *uppers);
    Py_ssize_t (*finish)(const Pass *pass, const int64_t *blocks, float bar, const Ends *ends);
    int (*runs)(void);
} Variant;

#define VARIANT(NAME, TARGET, UNPACKED, DENSE_DOTS, RUNS)                                                                \
    TARGET static void bounds_##NAME(const Pass *pass, float *uppers)                                                    \
    { bounds_with(pass, uppers, dots_##NAME, UNPACKED, DENSE_DOTS); }                                                    \
    TARGET static Py_ssize_t finish_##NAME(const Pass *pass, const int64_t *blocks, float bar, const Ends *ends)         \
    { return finish_with(pass, blocks, bar, ends, dots_##NAME); }                                                        \
    static int runs_##NAME(void) { return RUNS; }
#define NAMED(TEXT, NAME) {TEXT, bounds_##NAME, finish_##NAME, runs_##NAME}
VARIANT(plain, , NULL, NULL, 1)
#if defined(__x86_64__)
VARIANT(vnni, VNNI, unpack_vnni, dense_vnni, __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"))
VARIANT(avx2, AVX2, NULL, NULL, __builtin_cpu_supports("avx2") != 0)
static const Variant VARIANTS[] = {NAMED("avx512-vnni", vnni), NAMED("avx2", avx2), NAMED("plain", plain)};
#elif defined(__aarch64__) && defined(__linux__)
VARIANT(neon, , NULL, NULL, 1)
VARIANT(dotprod, DOTPROD, NULL, NULL, (getauxval(AT_HWCAP) >> 20) & 1) /* HWCAP_ASIMDDP */
static const Variant VARIANTS[] = {NAMED("dotprod", dotprod), NAMED("neon", neon), NAMED("plain", plain)};
#else
static const Variant VARIANTS[] = {NAMED("plain", plain)};
#endif
#define KINDS ((int)(sizeof VARIANTS / sizeof *VARIANTS))

/* Codes one row. 0: it has no codes, being zero, not finite, or longer than 2. scanning.py asks for more. */
static int coded(const float *x, Py_ssize_t d, uint8_t *high, uint8_t *low, Py_ssize_t lane)
{
    float *scale = (float *)(high + plane_bytes(PADDED(d))) + lane, *rest = (float *)(low + plane_bytes(PADDED(d))) + lane;
    double greatest = 0, squares = 0, fine[4] = {0}, coarse[4] = {0};
    for (Py_ssize_t at = 0; at < d; at++)
        greatest = fmax(greatest, fabs((double)x[at])), squares += (double)x[at] * x[at];
    if (!(greatest >= FLT_MIN && squares <= 4)) return 0; /* so written that what is not a number has none either */
    scale[0] = (float)(greatest / 127);
    for (Py_ssize_t at = 0; at < PADDED(d); at++) {
        float exact = at < d ? x[at] : 0;
        int code = (int)(exact / scale[0] + 128.5f), shift = at % 8 / 4 * 4; /* to the nearest; from 0 to 256 */
        code = code < 1 ? 1 : code > 255 ? 255 : code;
        double step = scale[0], near = exact - (code - 128) * step, far = exact - (code / 16 * 16 - 120) * step;
        if (at < d) fine[at % 4] += near * near, coarse[at % 4] += far * far;
        Py_ssize_t byte = at / 8 * 4 * BLOCK + 4 * lane + at % 4;
        high[byte] = (uint8_t)((shift ? high[byte] : 0) | code / 16 << shift);
        low[byte] = (uint8_t)((shift ? low[byte] : 0) | code % 16 << shift);
    }
    const double up = 1 + 0x1p-20; /* float64 and the cast lose less than 2^-22 of it */
    rest[0] = (float)(sqrt(fine[0] + fine[1] + fine[2] + fine[3]) * up) + FLT_MIN;
    scale[BLOCK] = (float)(sqrt(coarse[0] + coarse[1] + coarse[2] + coarse[3]) * up) + FLT_MIN;
    return 1;
}

/* Whether a buffer holds `need` bytes from an address that is a multiple of `align`. */
static int holds(const Py_buffer *buffer, long long need, int align, const char *what)
{
    if (need >= 0 && buffer->len >= need && (uintptr_t)buffer->buf % (uintptr_t)align == 0) return 1;
    PyErr_Format(PyExc_ValueError, "%s: %zd bytes came, %lld at a multiple of %d were expected", what, buffer->len, need, align);
    return 0;
}

/* The room of some rows: all high halves, then all low ones. Whether the blocks from `start` to before `stop` are in it. */
static int has_rows(const Py_buffer *room, Py_ssize_t d, Py_ssize_t rows, Py_ssize_t start, Py_ssize_t stop, Pass *pass)
{
    if (d < 1 || d > MAX_DIMENSION || rows < 0 || rows > UINT32_MAX || start < 0 || stop < start || stop > blocks_of(rows)) {
        PyErr_Format(PyExc_ValueError, "blocks %zd to %zd of %zd rows of %zd dimensions cannot be", start, stop, rows, d);
        return 0;
    }
    const Py_ssize_t high = high_bytes(PADDED(d)), each = high + low_bytes(PADDED(d));
    const uint8_t *highs = room->buf;
    *pass = (Pass){highs, highs + room->len / each * high, NULL, PADDED(d), rows, start, stop, 0, 0, 0};
    return holds(room, (int64_t)blocks_of(rows) * each, 4, "rows");
}

static const Variant *variant_of(const char *name)
{
    for (const Variant *one = VARIANTS; one < VARIANTS + KINDS; one++)
        if (!strcmp(one->name, name) && one->runs()) return one;
    return PyErr_Format(PyExc_ValueError, "the variant %s does not run here", name), NULL;
}

static PyObject *py_put(PyObject *module, PyObject *args)
{
    Py_buffer room, rows;
    Py_ssize_t d, place, n, row = 0;
    Pass pass;
    if (!PyArg_ParseTuple(args, "w*nny*", &room, &d, &place, &rows)) return NULL;
    n = d > 0 ? rows.len / 4 / d : 0;
    if (has_rows(&room, d, place < 0 || place > UINT32_MAX ? -1 : place + n, 0, 0, &pass) && holds(&rows, 0, 4, "rows")) {
        Py_BEGIN_ALLOW_THREADS
        for (const float *from = rows.buf; row < n; row++, from += d, place++)
            if (!coded(from, d, (uint8_t *)pass.highs + place / BLOCK * high_bytes(pass.d4),
                       (uint8_t *)pass.lows + place / BLOCK * low_bytes(pass.d4), place % BLOCK)) break;
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&room), PyBuffer_Release(&rows);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(row);
}

static PyObject *py_bounds(PyObject *module, PyObject *args)
{
    const char *name;
    Py_buffer room, heads, uppers;
    Py_ssize_t d, rows, start, stop, apart;
    int whole;
    Pass pass;
    if (!PyArg_ParseTuple(args, "sy*nnnny*pw*n", &name, &room, &d, &rows, &start, &stop, &heads, &whole, &uppers, &apart)) return NULL;
    const Variant *variant = variant_of(name);
    if (variant && has_rows(&room, d, rows, start, stop, &pass) && holds(&heads, head_bytes(pass.d4), 4, "heads")) {
        pass.heads = heads.buf, pass.probes = heads.len / head_bytes(pass.d4), pass.whole = whole, pass.apart = apart;
        int64_t last = apart < 0 || apart > UINT32_MAX ? -1 : (pass.probes - 1) * (int64_t)apart + blocks_of(rows);
        if (holds(&uppers, 4 * last, 4, "uppers")) {
            Py_BEGIN_ALLOW_THREADS
            variant->bounds(&pass, uppers.buf);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&room), PyBuffer_Release(&heads), PyBuffer_Release(&uppers);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(stop);
}

static PyObject *py_finish(PyObject *module, PyObject *args)
{
    const char *name;
    Py_buffer room, blocks, head, places, lows, highs;
    Py_ssize_t d, rows, found = 0;
    float bar;
    Pass pass;
    if (!PyArg_ParseTuple(args, "sy*nny*y*fw*w*w*", &name, &room, &d, &rows, &blocks, &head, &bar, &places, &lows, &highs)) return NULL;
    const Variant *variant = variant_of(name);
    const int64_t *first = blocks.buf, count = blocks.len / 8;
    if (variant && has_rows(&room, d, rows, 0, 0, &pass) && holds(&head, head_bytes(pass.d4), 4, "head") &&
        holds(&blocks, 0, 8, "blocks") && holds(&places, 8 * BLOCK * count, 8, "places") &&
        holds(&lows, 4 * BLOCK * count, 4, "lows") && holds(&highs, 4 * BLOCK * count, 4, "highs")) {
        pass.heads = head.buf, pass.stop = count;
        for (const int64_t *block = first; block < first + count; block++)
            if (*block < 0 || *block >= blocks_of(rows)) pass.stop = -1;
        if (pass.stop < 0) PyErr_SetString(PyExc_ValueError, "there is no such block");
        Py_BEGIN_ALLOW_THREADS
        found = variant->finish(&pass, first, bar, &(Ends){places.buf, lows.buf, highs.buf});
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&room), PyBuffer_Release(&blocks), PyBuffer_Release(&head), PyBuffer_Release(&places);
    PyBuffer_Release(&lows), PyBuffer_Release(&highs);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(found);
}

static PyObject *py_variants(PyObject *module, PyObject *ignored)
{
    PyObject *names = PyList_New(0);
    for (const Variant *each = VARIANTS; names && each < VARIANTS + KINDS; each++) {
        PyObject *name = each->runs() ? PyUnicode_FromString(each->name) : NULL;
        if (name && PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static PyMethodDef METHODS[] = { /* arguments: see _scan.pyi */
    {"variants", py_variants, METH_NOARGS, "names of the variants that run here, the quickest first"},
    {"put", py_put, METH_VARARGS, "how many rows were put; the next is no unit vector"},
    {"bounds", py_bounds, METH_VARARGS, "the block behind the last that was read"},
    {"finish", py_finish, METH_VARARGS, "how many rows reach the bar"},
    {0}};
static PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_scan", "The first pass over the rows, in whole numbers.", 0, METHODS};
PyMODINIT_FUNC PyInit__scan(void) { return PyModuleDef_Init(&MODULE); }
