/* Makes writing hang while a file exists: LD_PRELOAD=block.so LIMNO_BLOCK=FILE.

   The calls that make things durable wait, as on a file server that does not answer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_while_blocked(void) {
  const char *path = getenv("LIMNO_BLOCK");
  while (path && access(path, F_OK) == 0) usleep(20000);
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "fsync");
  wait_while_blocked();
  return real(file);
}

int syncfs(int file) {
  static int (*real)(int);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "syncfs");
  wait_while_blocked();
  return real(file);
}
