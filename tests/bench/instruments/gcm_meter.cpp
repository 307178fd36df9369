// SPDX-License-Identifier: Apache-2.0
// What the TLS library's AES-GCM does alone, in pieces as large as a TLS record: no TLS over it can be faster.
#include <mbedtls/gcm.h>
#include <mbedtls/version.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  constexpr std::size_t kRecordBytes = 16384;
  const unsigned key_bits = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 128;
  const double seconds_wanted = argc > 2 ? std::atof(argv[2]) : 1;
  const unsigned char key[32] = {1};
  const unsigned char nonce[12] = {2};
  unsigned char tag[16];
  std::vector<unsigned char> clear(kRecordBytes, 3);
  std::vector<unsigned char> sealed(kRecordBytes);
  ::mbedtls_gcm_context gcm;
  ::mbedtls_gcm_init(&gcm);
  if (::mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, key_bits) != 0) {
    std::fputs("Usage: gcm_meter [128|256] [SECONDS]\n", stderr);
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  std::chrono::duration<double> took{};
  std::size_t records = 0;
  for (; took.count() < seconds_wanted; took = std::chrono::steady_clock::now() - began, ++records) {
    if (::mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, kRecordBytes, nonce, sizeof nonce, nullptr, 0, clear.data(), sealed.data(),
                                    sizeof tag, tag) != 0) {
      return 1;
    }
  }
  ::mbedtls_gcm_free(&gcm);
  std::printf("{\"bytes_per_second\": %.0f, \"library\": \"" MBEDTLS_VERSION_STRING_FULL "\"}\n",
              static_cast<double>(records * kRecordBytes) / took.count());
}
