/* A meter with a memory card, in C: a vendor writes down where everything stands and which rules hold (`STANDARD`), and
   card_meter.c and card_simulator.c do the rest: description, planning, encoding, decoding, and the virtual meter.

   The card has one body, which the host writes, and one area of returned data, which the meter writes. Each begins with
   a byte (the seal, and the same value for returned data), and ends with a CRC-16 (polynomial 1021h, start FFFFh, high
   byte first) of what lies between; bytes that no field names are 0. Energies are in Wh, power in W. */
#ifndef DIANKA_CARD_METER_H
#define DIANKA_CARD_METER_H

#include <stdlib.h>
#include <string.h>

#include "meter_driver.h"

typedef enum {
    SYSTEM_CODE, REGION, USER_NO, CARD_NO, KEY_VERSION, METER_NO, COUNT, QUANTITY, ALARM, OVERDRAFT, HOARD, LIMIT_MODE,
    CAPACITY, PRESET, DATE, /* YYYYMMDD */
    R_USER_NO, R_METER_NO, R_COUNT, R_USED, R_REMAINING, R_OVERDRAFT, R_PURCHASED, R_POWER, R_RELAY_OPEN, R_STATUS,
    R_ERRORS,
    ITEMS
} item_t;

typedef enum { BCD, UINT } coding_t;

typedef struct { item_t item; uint32_t offset, len; coding_t coding; int64_t step; } field_t;

/* `offset`: the first byte, which has the value `seal` when the area is whole; `len`: with it and with the CRC. */
typedef struct { uint32_t offset, len; const field_t *fields; size_t count; } area_t;

typedef struct {
    const char *id, *version, *name_zh, *name_en, *standard, *evidence_zh, *evidence_en, *chip;
    uint32_t size;
    uint8_t seal, mark; /* `mark` stands after the seal and tells these cards from others. */
    area_t body, returned;
    int64_t quantity_step_wh, quantity_min_wh, quantity_max_wh;
    uint32_t count_max, capacity_max_w;
    bool system_deducts_preset;
} standard_t;

/* The vendor's. */
extern const standard_t STANDARD;

typedef dianka_meter_types_refusal_t refusal_t;
typedef dianka_meter_types_content_t content_t;
typedef dianka_meter_types_card_image_t card_t;
typedef meter_driver_list_u8_t bytes_t;
typedef meter_driver_string_t string_t;
typedef struct { int64_t of[ITEMS]; bool returned; } numbers_t;

string_t text(const char *said);
bytes_t copy(const uint8_t *from, size_t len);
uint16_t crc16(const uint8_t *bytes, size_t len);
/* Always false. */
bool refuse(refusal_t *err, const char *code);
bool put_area(const area_t *area, const numbers_t *numbers, uint8_t *card, refusal_t *err);
/* A whole card of this standard to numbers; `*blank` for a virgin one. */
bool read_card(const card_t *card, numbers_t *numbers, bool *blank, refusal_t *err);

#endif
