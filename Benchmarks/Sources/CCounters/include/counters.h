/* What a piece of work costs beside time: allocations, and the instructions that it executes in user mode. */
#pragma once
#include <stdint.h>

/* Calls of malloc and its kin in this process so far. */
uint64_t counters_allocations(void);

/* Instructions of this thread in user mode so far; 0 where the machine does not count them. */
uint64_t counters_instructions(void);
