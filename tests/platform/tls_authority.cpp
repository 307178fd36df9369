// SPDX-License-Identifier: Apache-2.0
#include "tls_authority.hpp"

#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/rsa.h>
#include <cstring>
#include <stdexcept>

#include "mbedtls.hpp"

namespace scanferry::platform::contract {
namespace {

using tls::Drbg;
using tls::PrivateKey;
using Maker = tls::Owned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;

int count_up(void* counter, unsigned char* into, std::size_t size) {
  auto& value = *static_cast<std::uint64_t*>(counter);
  for (std::size_t i{0}; i < size; ++i) into[i] = static_cast<unsigned char>(++value * 0x9E3779B97F4A7C15ULL >> 56U);
  return 0;
}

void require(bool holds) {
  if (!holds) throw std::logic_error{"a certificate for a test cannot be made"};
}
void must(int result) { require(result == 0); }

void make_key(PrivateKey& key, Drbg& random, bool rsa) {
  must(mbedtls_pk_setup(key.get(), mbedtls_pk_info_from_type(rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY)));
  if (rsa) {
    must(mbedtls_rsa_gen_key(mbedtls_pk_rsa(*key.get()), mbedtls_ctr_drbg_random, random.get(), 2048, 65537));
  } else {
    must(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key.get()), mbedtls_ctr_drbg_random, random.get()));
  }
}

std::string key_text(PrivateKey& key) {
  std::vector<unsigned char> text(8192);
  must(mbedtls_pk_write_key_pem(key.get(), text.data(), text.size()));
  return reinterpret_cast<const char*>(text.data());
}

void append(std::vector<unsigned char>& der, unsigned char tag, const void* bytes, std::size_t size) {
  require(size < 128);
  der.push_back(tag);
  der.push_back(static_cast<unsigned char>(size));
  const auto* const from = static_cast<const unsigned char*>(bytes);
  der.insert(der.end(), from, from + size);
}

void set_names(Maker& maker, const Request& request) {
  std::vector<unsigned char> names;
  for (const auto& name : request.dns) append(names, 0x82, name.data(), name.size());
  for (const auto& address : request.ip) append(names, 0x87, address.data(), address.size());
  if (names.empty()) return;
  std::vector<unsigned char> sequence;
  append(sequence, 0x30, names.data(), names.size());
  must(mbedtls_x509write_crt_set_extension(maker.get(), MBEDTLS_OID_SUBJECT_ALT_NAME, MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0,
                                           sequence.data(), sequence.size()));
}

void set_usage(Maker& maker, const Request& request) {
  if (request.for_clients && request.for_servers) return;
  const std::string oid = request.for_clients ? MBEDTLS_OID_CLIENT_AUTH : MBEDTLS_OID_SERVER_AUTH;
  std::vector<unsigned char> oids;
  append(oids, 0x06, oid.data(), oid.size());
  std::vector<unsigned char> sequence;
  append(sequence, 0x30, oids.data(), oids.size());
  must(mbedtls_x509write_crt_set_extension(maker.get(), MBEDTLS_OID_EXTENDED_KEY_USAGE, MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0,
                                           sequence.data(), sequence.size()));
}

void set_serial(Maker& maker, std::uint64_t serial) {
#if MBEDTLS_VERSION_NUMBER >= 0x03040000
  unsigned char bytes[4] = {1, static_cast<unsigned char>(serial >> 16U), static_cast<unsigned char>(serial >> 8U),
                            static_cast<unsigned char>(serial)};
  must(mbedtls_x509write_crt_set_serial_raw(maker.get(), bytes, sizeof bytes));
#else
  mbedtls_mpi number;
  mbedtls_mpi_init(&number);
  must(mbedtls_mpi_lset(&number, static_cast<mbedtls_mpi_sint>(serial + 1)));
  must(mbedtls_x509write_crt_set_serial(maker.get(), &number));
  mbedtls_mpi_free(&number);
#endif
}

std::string sign(Maker& maker, Drbg& random) {
  std::vector<unsigned char> text(8192);
  must(mbedtls_x509write_crt_pem(maker.get(), text.data(), text.size(), mbedtls_ctr_drbg_random, random.get()));
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Authority::Inside {
  std::uint64_t counter;
  std::string name;
  Drbg random;
  PrivateKey key;
  std::string certificate;
  std::uint64_t serial{0};

  std::string make(const Request& request, PrivateKey& subject, PrivateKey& issuer, const std::string& issuer_name, bool ca) {
    Maker maker;
    mbedtls_x509write_crt_set_version(maker.get(), MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(maker.get(), MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(maker.get(), subject.get());
    mbedtls_x509write_crt_set_issuer_key(maker.get(), issuer.get());
    must(mbedtls_x509write_crt_set_subject_name(maker.get(), ("CN=" + request.name).c_str()));
    must(mbedtls_x509write_crt_set_issuer_name(maker.get(), ("CN=" + issuer_name).c_str()));
    must(mbedtls_x509write_crt_set_validity(maker.get(), request.from.c_str(), request.until.c_str()));
    must(mbedtls_x509write_crt_set_basic_constraints(maker.get(), ca ? 1 : 0, -1));
    set_serial(maker, serial++);
    set_names(maker, request);
    set_usage(maker, request);
    return sign(maker, random);
  }
};

Authority::Authority(const std::string& name, std::uint64_t seed, const std::string& until) : inside_{std::make_unique<Inside>()} {
  inside_->counter = seed << 32U;
  inside_->name = name;
  must(mbedtls_ctr_drbg_seed(inside_->random.get(), count_up, &inside_->counter, nullptr, 0));
  make_key(inside_->key, inside_->random, false);
  Request request;
  request.name = name;
  request.until = until;
  inside_->certificate = inside_->make(request, inside_->key, inside_->key, name, true);
}

Authority::~Authority() = default;

const std::string& Authority::certificate() const { return inside_->certificate; }

Issued Authority::issue(const Request& request) {
  PrivateKey key;
  make_key(key, inside_->random, request.rsa);
  return {inside_->make(request, key, inside_->key, inside_->name, false), key_text(key)};
}

Issued Authority::self_signed(const Request& request) {
  PrivateKey key;
  make_key(key, inside_->random, request.rsa);
  return {inside_->make(request, key, key, request.name, false), key_text(key)};
}

}  // namespace scanferry::platform::contract
