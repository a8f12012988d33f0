/*
 * zlib's verdict on every raw DEFLATE stream of a given length, as one 32-bit FNV-1a hash a stream, to standard output.
 *
 * usage: oracle LENGTH [PREFIX…]   PREFIX: the stream's first bytes, in decimal; all others are enumerated.
 *
 * The hash is that of the output after the letter "=", of zlib's message, of "truncated" or of "trailing-bytes".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static uint32_t fnv(uint32_t hash, const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

static uint32_t text(const char *message) { return fnv(2166136261u, (const unsigned char *) message, strlen(message)); }

int main(int argc, char **argv) {
  int length = argc > 1 ? atoi(argv[1]) : -1;
  if (length < 0 || length > 8 || argc - 2 > length) return 2;
  static unsigned char stream[8], output[1 << 20];
  for (int i = 2; i < argc; i++) stream[i - 2] = (unsigned char) atoi(argv[i]);
  int first = argc - 2;
  uint64_t count = 1ull << (8 * (length - first));
  z_stream z = {0};
  if (inflateInit2(&z, -15) != Z_OK) return 3;
  for (uint64_t number = 0; number < count; number++) {
    for (int i = first; i < length; i++) stream[i] = (unsigned char) (number >> (8 * (i - first)));
    inflateReset(&z);
    z.next_in = stream;
    z.avail_in = (unsigned) length;
    z.next_out = output;
    z.avail_out = sizeof output;
    int end = inflate(&z, Z_FINISH);
    if (z.avail_out == 0) return 4; /* No stream of so few bytes can fill it. */
    uint32_t hash = end == Z_STREAM_END
      ? (z.avail_in > 0 ? text("trailing-bytes") : fnv(text("="), output, sizeof output - z.avail_out))
      : (end == Z_DATA_ERROR ? text(z.msg) : text("truncated"));
    if (fwrite(&hash, 4, 1, stdout) != 1) return 5;
  }
  return 0;
}
