#include <stddef.h>
#include <stdint.h>

// The part of libFuzzer that a program with a `main` of its own calls (llvm.org/docs/LibFuzzer.html, "as a library").
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
