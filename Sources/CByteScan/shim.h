// Bits of what bytes are, 64 at a time: the shuffle of SSSE3 and of ARMv8, which Swift has no name for. What is read here lies within
// the text, and what is written within the words that the caller has; nothing is decided here.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// The first place from `from` on where a byte is; `count` when there is none.
static inline size_t bytescan_first(const uint8_t *text, size_t from, size_t count, uint8_t byte) {
    const uint8_t *found = from < count ? (const uint8_t *)memchr(text + from, byte, count - from) : 0;
    return found ? (size_t)(found - text) : count;
}

#if defined(__x86_64__)
#include <cpuid.h>
#define BYTESCAN_TARGET __attribute__((target("ssse3")))
typedef char bytescan_letter;
typedef char bytescan_block __attribute__((vector_size(16)));
typedef unsigned char bytescan_unsigned __attribute__((vector_size(16)));

/// What this processor has: 0: nothing of use here, 1: blocks of 16 bytes, 2: of 32. Asked once: in virtual machines it takes long.
static inline int bytescan_level(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3)) return 0;
    if (!(c & bit_OSXSAVE) || !(c & bit_AVX)) return 1;
    unsigned saved, rest;
    __asm__("xgetbv" : "=a"(saved), "=d"(rest) : "c"(0));
    if ((saved & 6) != 6) return 1;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) ? 2 : 1;
}

/// For each byte of `block`, whose upper bits are 0, the entry of `table`.
BYTESCAN_TARGET static inline bytescan_block bytescan_look_up(bytescan_block table, bytescan_block block) {
    return __builtin_ia32_pshufb128(table, block);
}

/// The bits of 64 bytes of which all bits are set, or none.
BYTESCAN_TARGET static inline uint64_t bytescan_bits(const bytescan_block blocks[4]) {
    uint64_t bits = 0;
    for (int part = 0; part < 4; part++)
        bits |= (uint64_t)(uint16_t)__builtin_ia32_pmovmskb128(blocks[part]) << (16 * part);
    return bits;
}
#elif defined(__aarch64__)
#include <arm_neon.h>
#define BYTESCAN_TARGET
typedef int8_t bytescan_letter;
typedef int8x16_t bytescan_block;
typedef uint8x16_t bytescan_unsigned;

static inline int bytescan_level(void) { return 1; }

static inline bytescan_block bytescan_look_up(bytescan_block table, bytescan_block block) {
    return vqtbl1q_s8(table, (uint8x16_t)block);
}

static inline uint64_t bytescan_bits(const bytescan_block blocks[4]) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t first = vpaddq_u8(vandq_u8((uint8x16_t)blocks[0], weights), vandq_u8((uint8x16_t)blocks[1], weights));
    uint8x16_t second = vpaddq_u8(vandq_u8((uint8x16_t)blocks[2], weights), vandq_u8((uint8x16_t)blocks[3], weights));
    first = vpaddq_u8(first, second);
    first = vpaddq_u8(first, first);
    return vgetq_lane_u64((uint64x2_t)first, 0);
}
#else
#define BYTESCAN_ABSENT
static inline int bytescan_level(void) { return 0; }
#endif

// What may begin behind what, in eight sets, is 224 bytes: for the byte before a place, for the four from there on and for two that are
// further on, 16 bytes with the sets that have a byte of that lower half, and 16 with those that have one of that upper half.
enum { bytescan_far = 7, bytescan_farther = 15, bytescan_reach = 64 + bytescan_farther };

#ifndef BYTESCAN_ABSENT
BYTESCAN_TARGET static inline bytescan_block bytescan_load(const uint8_t *bytes) {
    bytescan_block block;
    memcpy(&block, bytes, 16);
    return block;
}

BYTESCAN_TARGET static inline bytescan_block bytescan_all(bytescan_letter byte) { return (bytescan_block){} + byte; }

/// The places of 64 bytes where a byte is.
BYTESCAN_TARGET static inline uint64_t bytescan_equal(const uint8_t *bytes, char byte) {
    bytescan_block found[4];
    for (int part = 0; part < 4; part++)
        found[part] = (bytescan_block)(bytescan_load(bytes + 16 * part) == bytescan_all(byte));
    return bytescan_bits(found);
}

/// The sets that the bytes of a block are in.
BYTESCAN_TARGET static inline bytescan_block bytescan_sets(const uint8_t *starts, int place, const uint8_t *bytes) {
    const bytescan_block block = bytescan_load(bytes);
    const bytescan_block low = block & bytescan_all(15);
    const bytescan_block high = (bytescan_block)((bytescan_unsigned)block >> 4);
    return bytescan_look_up(bytescan_load(starts + 32 * place), low)
        & bytescan_look_up(bytescan_load(starts + 32 * place + 16), high);
}

/// The places of 64 bytes where something may start. There are a byte before and fifteen behind.
BYTESCAN_TARGET static inline uint64_t bytescan_start_bits(
    const uint8_t *bytes, const uint8_t *starts, int humps, uint64_t free
) {
    bytescan_block behind[4], anywhere[4], hump[4];
    for (int part = 0; part < 4; part++) {
        const uint8_t *at = bytes + 16 * part;
        bytescan_block sets = bytescan_sets(starts, 1, at);
        sets &= bytescan_sets(starts, 2, at + 1);
        sets &= bytescan_sets(starts, 3, at + 2);
        sets &= bytescan_sets(starts, 4, at + 3);
        sets &= bytescan_sets(starts, 5, at + bytescan_far);
        sets &= bytescan_sets(starts, 6, at + bytescan_farther);
        anywhere[part] = (bytescan_block)(sets != bytescan_all(0));
        behind[part] = (bytescan_block)((sets & bytescan_sets(starts, 0, at - 1)) != bytescan_all(0));
        if (humps) {
            const bytescan_unsigned last = (bytescan_unsigned)bytescan_load(at - 1) - 'a';
            const bytescan_unsigned next = (bytescan_unsigned)bytescan_load(at) - 'A';
            hump[part] = (bytescan_block)(last < 26) & (bytescan_block)(next < 26);
        }
    }
    if (humps) free |= bytescan_bits(hump);
    uint64_t bits = bytescan_bits(behind);
    return free ? bits | (bytescan_bits(anywhere) & free) : bits;
}

#if defined(__x86_64__)
#define BYTESCAN_WIDE __attribute__((target("avx2")))
typedef char bytescan_wide __attribute__((vector_size(32)));
typedef unsigned char bytescan_wide_unsigned __attribute__((vector_size(32)));

BYTESCAN_WIDE static inline bytescan_wide bytescan_wide_load(const uint8_t *bytes) {
    bytescan_wide block;
    memcpy(&block, bytes, 32);
    return block;
}

/// A table in both halves.
BYTESCAN_WIDE static inline bytescan_wide bytescan_wide_table(const uint8_t *table) {
    bytescan_wide block;
    memcpy(&block, table, 16);
    memcpy((char *)&block + 16, table, 16);
    return block;
}

BYTESCAN_WIDE static inline bytescan_wide bytescan_wide_all(char byte) { return (bytescan_wide){} + byte; }

BYTESCAN_WIDE static inline bytescan_wide bytescan_wide_sets(const uint8_t *starts, int place, const uint8_t *bytes) {
    const bytescan_wide block = bytescan_wide_load(bytes);
    const bytescan_wide low = block & bytescan_wide_all(15);
    const bytescan_wide high = (bytescan_wide)((bytescan_wide_unsigned)block >> 4);
    return __builtin_ia32_pshufb256(bytescan_wide_table(starts + 32 * place), low)
        & __builtin_ia32_pshufb256(bytescan_wide_table(starts + 32 * place + 16), high);
}

/// The same as `bytescan_start_bits`.
BYTESCAN_WIDE static inline uint64_t bytescan_wide_start_bits(
    const uint8_t *bytes, const uint8_t *starts, int humps, uint64_t free
) {
    uint64_t bits = 0, all = 0;
    for (int part = 0; part < 2; part++) {
        const uint8_t *at = bytes + 32 * part;
        bytescan_wide sets = bytescan_wide_sets(starts, 1, at);
        sets &= bytescan_wide_sets(starts, 2, at + 1);
        sets &= bytescan_wide_sets(starts, 3, at + 2);
        sets &= bytescan_wide_sets(starts, 4, at + 3);
        sets &= bytescan_wide_sets(starts, 5, at + bytescan_far);
        sets &= bytescan_wide_sets(starts, 6, at + bytescan_farther);
        const bytescan_wide anywhere = (bytescan_wide)(sets != bytescan_wide_all(0));
        const bytescan_wide behind = (bytescan_wide)((sets & bytescan_wide_sets(starts, 0, at - 1)) != bytescan_wide_all(0));
        all |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb256(anywhere) << (32 * part);
        bits |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb256(behind) << (32 * part);
        if (humps) {
            const bytescan_wide_unsigned last = (bytescan_wide_unsigned)bytescan_wide_load(at - 1) - 'a';
            const bytescan_wide_unsigned next = (bytescan_wide_unsigned)bytescan_wide_load(at) - 'A';
            const bytescan_wide hump = (bytescan_wide)(last < 26) & (bytescan_wide)(next < 26);
            free |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb256(hump) << (32 * part);
        }
    }
    return bits | (all & free);
}

/// As many words as lie within the text, as `bytescan_find_starts` makes them where escapes are of no matter.
BYTESCAN_WIDE static inline void bytescan_wide_find_starts(
    const uint8_t *bytes, const uint8_t *starts, int humps, uint64_t *words, size_t word_count
) {
    for (size_t word = 0; word < word_count; word++)
        words[word] = bytescan_wide_start_bits(bytes + 64 * word, starts, humps, 0);
}
#endif

/// Bits of the places of a text where something may start, from `from` on; a word has 64. What cannot be told has its bit set: the first
/// place of the text, and the last fifteen.
///
/// - Parameters:
///   - level: `bytescan_level`, not 0.
///   - escapes: what stands before a place is not heeded where an escape of a JSON string may end there.
BYTESCAN_TARGET static inline void bytescan_find_starts(
    const uint8_t *text, size_t count, size_t from, const uint8_t *starts, int level, int humps, int escapes,
    uint64_t *words, size_t word_count
) {
#if defined(__x86_64__)
    // Most texts have no escapes, and most words are inner ones.
    if (level > 1 && !escapes && word_count > 2) {
        const size_t first = from > 0 ? 0 : 1;
        size_t inner = first;
        while (inner < word_count && from + 64 * inner + bytescan_reach <= count) inner++;
        bytescan_wide_find_starts(text + from + 64 * first, starts, humps, words + first, inner - first);
        if (first > 0) bytescan_find_starts(text, count, from, starts, 1, humps, 0, words, first);
        if (inner < word_count)
            bytescan_find_starts(text, count, from + 64 * inner, starts, 1, humps, 0, words + inner, word_count - inner);
        return;
    }
#endif
    // Whether the six bytes before a place have a backslash, as bits of the last word.
    uint64_t last = ~(uint64_t)0;
    for (size_t word = 0; word < word_count; word++) {
        const size_t place = from + 64 * word;
        uint8_t rest[1 + bytescan_reach] = {0};
        const uint8_t *bytes = text + place;
        const int is_inner = place > 0 && place + bytescan_reach <= count;
        if (!is_inner) {
            if (place >= count) {
                words[word] = 0;
                continue;
            }
            const size_t before = place > 0 ? 1 : 0;
            const size_t left = count - place < bytescan_reach ? count - place : bytescan_reach;
            memcpy(rest + 1 - before, bytes - before, left + before);
            bytes = rest + 1;
        }
        uint64_t free = 0;
        if (escapes) {
            const uint64_t backslashes = bytescan_equal(bytes, '\\');
            uint64_t near = backslashes | backslashes << 1;
            near |= near << 2;
            near |= backslashes << 4 | backslashes << 5;
            free = near << 1;
            uint64_t carried = last >> 58;
            for (int step = 0; step < 6; step++) {
                // The bit of the byte that is `6 - step` before this word frees what is up to six behind it.
                if (carried >> step & 1) free |= ((uint64_t)2 << step) - 1;
            }
            last = backslashes;
        }
        uint64_t bits = bytescan_start_bits(bytes, starts, humps, free);
        if (!is_inner) {
            const size_t left = count - place;
            if (place == 0) bits |= 1;
            if (left < bytescan_reach) {
                for (size_t back = left < bytescan_farther ? left : bytescan_farther; back > 0; back--)
                    if (left - back < 64) bits |= (uint64_t)1 << (left - back);
                if (left < 64) bits &= ((uint64_t)1 << left) - 1;
            }
        }
        words[word] = bits;
    }
}

/// What a JSON text is made of, from a place outside of its strings on.
typedef struct {
    /// The next byte is escaped; the next byte is in a string (all bits, or none); the byte before belongs to a literal or a number.
    uint64_t is_escaped, in_string, in_scalar;
    /// A control character in a string, or anything that is no ASCII outside of them.
    uint64_t is_odd;
} bytescan_json_state;

/// Bits of where a JSON text's tokens begin and its strings end, and of what in strings has to be looked at: backslashes, and bytes of
/// characters that are no ASCII.
BYTESCAN_TARGET static inline void bytescan_json(
    const uint8_t *text, size_t count, bytescan_json_state *state, uint64_t *tokens, uint64_t *special, size_t word_count
) {
    for (size_t word = 0; word < word_count; word++) {
        const size_t place = 64 * word;
        uint8_t rest[64];
        const uint8_t *bytes = text + place;
        if (place + 64 > count) {
            memset(rest, ' ', 64);
            if (place < count) memcpy(rest, bytes, count - place);
            bytes = rest;
        }
        bytescan_block quotes[4], slashes[4], marks[4], whites[4], controls[4], longs[4];
        for (int part = 0; part < 4; part++) {
            const bytescan_block block = bytescan_load(bytes + 16 * part);
            const bytescan_block folded = block | bytescan_all(0x20);
            quotes[part] = (bytescan_block)(block == bytescan_all('"'));
            slashes[part] = (bytescan_block)(block == bytescan_all('\\'));
            marks[part] = (bytescan_block)(folded == bytescan_all('{')) | (bytescan_block)(folded == bytescan_all('}'))
                | (bytescan_block)(block == bytescan_all(':')) | (bytescan_block)(block == bytescan_all(','));
            whites[part] = (bytescan_block)(block == bytescan_all(' ')) | (bytescan_block)(block == bytescan_all('\t'))
                | (bytescan_block)(block == bytescan_all('\n')) | (bytescan_block)(block == bytescan_all('\r'));
            controls[part] = (bytescan_block)((bytescan_unsigned)block < 0x20);
            longs[part] = (bytescan_block)((bytescan_unsigned)block >= 0x80);
        }
        const uint64_t backslashes = bytescan_bits(slashes);
        uint64_t escaped = state->is_escaped;
        if (backslashes) {
            // Every backslash that is not escaped itself escapes what follows.
            uint64_t left = backslashes & ~escaped;
            state->is_escaped = 0;
            while (left) {
                const int at = __builtin_ctzll(left);
                if (at == 63) {
                    state->is_escaped = 1;
                    break;
                }
                escaped |= (uint64_t)2 << at;
                left &= ~(((uint64_t)3 << at));
            }
        } else {
            state->is_escaped = 0;
        }
        const uint64_t quoted = bytescan_bits(quotes) & ~escaped;
        uint64_t within = quoted;
        within ^= within << 1;
        within ^= within << 2;
        within ^= within << 4;
        within ^= within << 8;
        within ^= within << 16;
        within ^= within << 32;
        within ^= state->in_string;
        state->in_string = (uint64_t)((int64_t)within >> 63);
        const uint64_t high = bytescan_bits(longs);
        state->is_odd |= (bytescan_bits(controls) & within) | (high & ~within);
        const uint64_t structural = bytescan_bits(marks) & ~within;
        const uint64_t scalar = ~(bytescan_bits(marks) | bytescan_bits(whites) | within | quoted);
        const uint64_t begins = scalar & ~(scalar << 1 | state->in_scalar);
        state->in_scalar = scalar >> 63;
        tokens[word] = structural | quoted | begins;
        special[word] = (backslashes | high) & within;
    }
}
#else
static inline void bytescan_find_starts(
    const uint8_t *text, size_t count, size_t from, const uint8_t *starts, int level, int humps, int escapes,
    uint64_t *words, size_t word_count
) {}

typedef struct { uint64_t is_escaped, in_string, in_scalar, is_odd; } bytescan_json_state;

static inline void bytescan_json(
    const uint8_t *text, size_t count, bytescan_json_state *state, uint64_t *tokens, uint64_t *special, size_t word_count
) {}
#endif
