/* Short names and helpers for a reader driver in C. The contract itself is plugins/wit/reader, its types and functions in
   C are reader_driver.h. Texts and lists that are given back are freed by the host's side: give copies, never literals. */
#ifndef DIANKA_READER_H
#define DIANKA_READER_H

#include <stdlib.h>
#include <string.h>

#include "reader_driver.h"

typedef exports_dianka_reader_driver_error_t error_t;
typedef exports_dianka_reader_driver_error_kind_t kind_t;
typedef exports_dianka_reader_driver_description_t description_t;
typedef exports_dianka_reader_driver_reader_info_t reader_info_t;
typedef exports_dianka_reader_driver_card_info_t card_info_t;
typedef dianka_reader_port_settings_t settings_t;
typedef reader_driver_list_u8_t bytes_t;

#define KIND(name) EXPORTS_DIANKA_READER_DRIVER_ERROR_KIND_##name

/* A copy that may be given away. */
static inline reader_driver_string_t text(const char *said) {
    reader_driver_string_t out;
    reader_driver_string_dup(&out, said);
    return out;
}

static inline exports_dianka_reader_driver_text_t both(const char *zh, const char *en) {
    exports_dianka_reader_driver_text_t out = {text(zh), text(en)};
    return out;
}

static inline bytes_t copy(const uint8_t *from, size_t len) {
    bytes_t out = {malloc(len), len};
    memcpy(out.ptr, from, len);
    return out;
}

/* A list of one text. */
static inline reader_driver_list_string_t one_text(const char *said) {
    reader_driver_list_string_t out = {malloc(sizeof(reader_driver_string_t)), 1};
    out.ptr[0] = text(said);
    return out;
}

/* Always false: `return fail(err, KIND(NO_CARD), "no-card");` */
static inline bool fail(error_t *err, kind_t kind, const char *code) {
    err->kind = kind;
    err->code = text(code);
    err->message = text(code);
    return false;
}

static inline bool port_failed(error_t *err, dianka_reader_port_port_error_t *port) {
    bool late = port->tag == DIANKA_READER_PORT_PORT_ERROR_TIMEOUT;
    bool silent = late && port->val.timeout.len == 0;
    dianka_reader_port_port_error_free(port);
    if (silent) return fail(err, KIND(NO_ANSWER), "timeout");
    return late ? fail(err, KIND(GARBLED), "cut-short") : fail(err, KIND(PORT), "port");
}

static inline bool line_configure(settings_t settings, error_t *err) {
    dianka_reader_port_port_error_t port;
    return dianka_reader_port_configure(&settings, &port) || port_failed(err, &port);
}

static inline bool line_flush(error_t *err) {
    dianka_reader_port_port_error_t port;
    return dianka_reader_port_flush_input(&port) || port_failed(err, &port);
}

static inline bool line_write(uint8_t *bytes, size_t len, error_t *err) {
    dianka_reader_port_port_error_t port;
    bytes_t list = {bytes, len};
    return dianka_reader_port_write(&list, &port) || port_failed(err, &port);
}

/* Exactly `len` bytes into `into`, or an error. */
static inline bool line_read(uint8_t *into, uint32_t len, uint32_t wait_ms, error_t *err) {
    dianka_reader_port_port_error_t port;
    bytes_t come;
    if (!dianka_reader_port_read(len, wait_ms, &come, &port)) return port_failed(err, &port);
    memcpy(into, come.ptr, len);
    reader_driver_list_u8_free(&come);
    return true;
}

#endif
