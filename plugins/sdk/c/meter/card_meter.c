/* Description, planning, encoding and decoding of a meter with a memory card. */
#include "card_meter.h"

static const char *const NAMES[ITEMS] = {
    "system-code", "region", "user-no", "card-no", "key-version", "meter-no", "count", "quantity", "alarm", "overdraft",
    "hoard", "limit-mode", "capacity", "preset", "date",
};

string_t text(const char *said) {
    string_t out;
    meter_driver_string_dup(&out, said);
    return out;
}

bytes_t copy(const uint8_t *from, size_t len) {
    bytes_t out = {malloc(len), len};
    memcpy(out.ptr, from, len);
    return out;
}

bool refuse(refusal_t *err, const char *code) {
    memset(err, 0, sizeof *err);
    err->code = text(code);
    err->message = text(code);
    return false;
}

uint16_t crc16(const uint8_t *bytes, size_t len) {
    uint32_t crc = 0xFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)bytes[i] << 8;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    return (uint16_t)crc;
}

static bool put(const field_t *field, int64_t value, uint8_t *card, refusal_t *err) {
    if (value < 0) return refuse(err, "bad-input");
    if (value % field->step) return refuse(err, "not-a-step");
    uint64_t rest = (uint64_t)(value / field->step);
    for (uint32_t i = field->len; i > 0; i--) {
        uint32_t base = field->coding == BCD ? 100 : 256, digit = (uint32_t)(rest % base);
        card[field->offset + i - 1] = (uint8_t)(field->coding == BCD ? digit / 10 * 16 + digit % 10 : digit);
        rest /= base;
    }
    return rest == 0 || refuse(err, "above-maximum");
}

static bool get(const field_t *field, const uint8_t *card, int64_t *value) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < field->len; i++) {
        uint32_t byte = card[field->offset + i];
        if (field->coding == BCD && (byte >> 4 > 9 || (byte & 15) > 9)) return false;
        if (sum > (UINT64_MAX >> 9)) return false;
        sum = field->coding == BCD ? sum * 100 + (byte >> 4) * 10 + (byte & 15) : sum * 256 + byte;
    }
    if (sum > (uint64_t)(INT64_MAX / field->step)) return false;
    *value = (int64_t)sum * field->step;
    return true;
}

bool put_area(const area_t *area, const numbers_t *numbers, uint8_t *card, refusal_t *err) {
    uint8_t *start = card + area->offset;
    memset(start, 0, area->len);
    start[0] = STANDARD.seal;
    start[1] = STANDARD.mark;
    for (size_t i = 0; i < area->count; i++)
        if (!put(&area->fields[i], numbers->of[area->fields[i].item], card, err)) return false;
    uint16_t sum = crc16(start + 1, area->len - 3);
    start[area->len - 2] = (uint8_t)(sum >> 8);
    start[area->len - 1] = (uint8_t)sum;
    return true;
}

static bool get_area(const area_t *area, numbers_t *numbers, const uint8_t *card, refusal_t *err) {
    const uint8_t *start = card + area->offset;
    uint16_t sum = crc16(start + 1, area->len - 3);
    if (start[area->len - 2] != sum >> 8 || start[area->len - 1] != (sum & 255)) return refuse(err, "checksum");
    if (start[1] != STANDARD.mark) return refuse(err, "not-this-standard");
    for (size_t i = 0; i < area->count; i++)
        if (!get(&area->fields[i], card, &numbers->of[area->fields[i].item])) return refuse(err, "bad-field");
    return true;
}

static bool is(const string_t *said, const char *word) {
    return said->len == strlen(word) && memcmp(said->ptr, word, said->len) == 0;
}

static bool ours(const card_t *card, refusal_t *err) {
    return (is(&card->chip, STANDARD.chip) && card->bytes.len == STANDARD.size) || refuse(err, "unsupported");
}

bool read_card(const card_t *card, numbers_t *numbers, bool *blank, refusal_t *err) {
    memset(numbers, 0, sizeof *numbers);
    *blank = false;
    if (!ours(card, err)) return false;
    const uint8_t *bytes = card->bytes.ptr;
    if (bytes[STANDARD.body.offset] != STANDARD.seal) {
        *blank = true;
        for (uint32_t i = 0; i < STANDARD.body.len; i++) *blank &= bytes[STANDARD.body.offset + i] == 0xFF;
        return *blank || refuse(err, "torn");
    }
    if (!get_area(&STANDARD.body, numbers, bytes, err)) return false;
    numbers->returned = bytes[STANDARD.returned.offset] == STANDARD.seal;
    return !numbers->returned || get_area(&STANDARD.returned, numbers, bytes, err);
}

/* 0 for a day that no calendar has. */
static int64_t date_number(const dianka_meter_types_calendar_date_t *date) {
    static const uint8_t DAYS[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date->year > 9999 || date->month < 1 || date->month > 12 || date->day < 1) return 0;
    if (date->day > DAYS[date->month - 1]) return 0;
    return (int64_t)date->year * 10000 + date->month * 100 + date->day;
}

static bool fits(uint64_t value) { return value <= INT64_MAX; }

static bool take(const content_t *content, numbers_t *to, refusal_t *err) {
    memset(to, 0, sizeof *to);
    if (!is(&content->kind, "purchase")) return refuse(err, "unsupported");
    const dianka_meter_types_purchase_t *sold = &content->purchase.val;
    if (!content->purchase.is_some || content->params.len || !date_number(&sold->date)) return refuse(err, "bad-input");
    if (!fits(content->user_no) || !fits(sold->meter_no)) return refuse(err, "above-maximum");
    if (sold->quantity_wh < STANDARD.quantity_min_wh) return refuse(err, "below-minimum");
    if (sold->quantity_wh > STANDARD.quantity_max_wh || sold->capacity_w > STANDARD.capacity_max_w ||
        sold->count > STANDARD.count_max)
        return refuse(err, "above-maximum");
    if (sold->quantity_wh % STANDARD.quantity_step_wh) return refuse(err, "not-a-step");
    const int64_t all[] = {
        content->system_code, content->region, (int64_t)content->user_no, content->card_no, content->key_version,
        (int64_t)sold->meter_no, sold->count, sold->quantity_wh, sold->alarm_wh, sold->overdraft_wh, sold->hoard_wh,
        sold->limit_mode, sold->capacity_w, sold->preset_wh, date_number(&sold->date)};
    memcpy(to->of, all, sizeof all);
    return true;
}

static dianka_meter_types_returned_t returned_of(const int64_t *n) {
    return (dianka_meter_types_returned_t){
        (uint64_t)n[R_USER_NO], (uint64_t)n[R_METER_NO], (uint32_t)n[R_COUNT], n[R_USED], n[R_REMAINING], n[R_OVERDRAFT],
        n[R_PURCHASED], (uint32_t)n[R_POWER], n[R_RELAY_OPEN] != 0, (uint32_t)n[R_STATUS], (uint32_t)n[R_ERRORS]};
}

/* Returned data are the meter's: a content may repeat what is on the card, and never say something else. */
static bool repeats(const dianka_meter_types_returned_t *said, const uint8_t *card, refusal_t *err) {
    numbers_t there;
    memset(&there, 0, sizeof there);
    if (card[STANDARD.returned.offset] != STANDARD.seal) return refuse(err, "bad-input");
    if (!get_area(&STANDARD.returned, &there, card, err)) return false;
    dianka_meter_types_returned_t is = returned_of(there.of);
    bool same = said->user_no == is.user_no && said->meter_no == is.meter_no && said->count == is.count &&
                said->total_used_wh == is.total_used_wh && said->remaining_wh == is.remaining_wh &&
                said->overdraft_wh == is.overdraft_wh && said->total_purchased_wh == is.total_purchased_wh &&
                said->power_w == is.power_w && said->relay_open == is.relay_open && said->status == is.status &&
                said->errors == is.errors;
    return same || refuse(err, "bad-input");
}

bool exports_dianka_meter_driver_encode(content_t *content, card_t *before, card_t *out, refusal_t *err) {
    numbers_t numbers;
    if (!ours(before, err) || !take(content, &numbers, err)) return false;
    if (content->returned.is_some && !repeats(&content->returned.val, before->bytes.ptr, err)) return false;
    uint8_t *card = copy(before->bytes.ptr, before->bytes.len).ptr;
    if (!put_area(&STANDARD.body, &numbers, card, err)) return false;
    out->chip = text(STANDARD.chip);
    out->bytes.ptr = card;
    out->bytes.len = STANDARD.size;
    return true;
}

bool exports_dianka_meter_driver_decode(card_t *image, content_t *out, refusal_t *err) {
    numbers_t numbers;
    bool blank;
    if (!read_card(image, &numbers, &blank, err)) return false;
    const int64_t *n = numbers.of;
    memset(out, 0, sizeof *out);
    out->kind = text(blank ? "blank" : "purchase");
    if (blank) return true;
    out->system_code = (uint32_t)n[SYSTEM_CODE];
    out->region = (uint32_t)n[REGION];
    out->user_no = (uint64_t)n[USER_NO];
    out->card_no = (uint32_t)n[CARD_NO];
    out->key_version = (uint8_t)n[KEY_VERSION];
    out->purchase.is_some = true;
    out->purchase.val = (dianka_meter_types_purchase_t){
        (uint64_t)n[METER_NO], (uint32_t)n[COUNT], n[QUANTITY], n[ALARM], n[OVERDRAFT], n[HOARD], (uint8_t)n[LIMIT_MODE],
        (uint32_t)n[CAPACITY], n[PRESET],
        {(uint16_t)(n[DATE] / 10000), (uint8_t)(n[DATE] / 100 % 100), (uint8_t)(n[DATE] % 100)}};
    out->returned.is_some = numbers.returned;
    if (numbers.returned) out->returned.val = returned_of(n);
    return true;
}

bool exports_dianka_meter_driver_access(content_t *content, dianka_meter_types_access_rule_t *out, refusal_t *err) {
    (void)err;
    static const uint8_t TRANSPORT[] = {0xFF, 0xFF, 0xFF};
    if (is(&content->kind, "blank")) {
        out->tag = 0;
        out->val.transport = copy(TRANSPORT, sizeof TRANSPORT);
        return true;
    }
    uint8_t said[24] = {'p', 's', 'c', content->key_version};
    const uint64_t who[] = {(uint64_t)content->system_code << 32 | content->region, content->user_no, content->card_no};
    size_t at = 4;
    for (size_t i = 0; i < 3; i++)
        for (int shift = i == 2 ? 24 : 56; shift >= 0; shift -= 8) said[at++] = (uint8_t)(who[i] >> shift);
    out->tag = 1;
    out->val.derived.slot = text("psc");
    out->val.derived.message = copy(said, at);
    out->val.derived.len = 3;
    return true;
}

bool exports_dianka_meter_driver_plan(
    exports_dianka_meter_driver_plan_request_t *ask, exports_dianka_meter_driver_quantity_plan_t *out, refusal_t *err) {
    const int64_t most = INT64_MAX / 4, step = STANDARD.quantity_step_wh;
    int64_t sum = ask->purchase_real_wh, more = ask->adjustment_real_wh;
    if (sum <= 0 || sum > most || more < -most || more > most || !ask->multiplier || ask->preset_wh < 0 ||
        ask->preset_wh > most || ask->hoard_wh < 0 || !ask->count)
        return refuse(err, "bad-input");
    if (ask->count > STANDARD.count_max) return refuse(err, "count-exhausted");
    sum += more;
    if (sum % ask->multiplier || sum / ask->multiplier % step) return refuse(err, "not-a-step");
    int64_t quantity = sum / ask->multiplier, preset = ask->first ? ask->preset_wh : 0;
    if (preset && quantity <= preset) return refuse(err, "preset-not-exceeded");
    int64_t deducted = STANDARD.system_deducts_preset ? preset : 0;
    quantity -= deducted;
    if (quantity < STANDARD.quantity_min_wh) return refuse(err, "below-minimum");
    if (quantity > STANDARD.quantity_max_wh) return refuse(err, "above-maximum");
    if (quantity % step) return refuse(err, "not-a-step");
    if (ask->hoard_wh && quantity >= ask->hoard_wh) return refuse(err, "over-hoarding-limit");
    /* A tenth, rounded up to whole steps. */
    int64_t alarm = ask->alarm_wh.is_some ? ask->alarm_wh.val : (quantity + 10 * step - 1) / (10 * step) * step;
    if (alarm < 0 || alarm % step) return refuse(err, "bad-input");
    *out = (exports_dianka_meter_driver_quantity_plan_t){quantity, alarm, deducted};
    return true;
}

static dianka_meter_types_text_t both(const char *zh, const char *en) {
    return (dianka_meter_types_text_t){text(zh), text(en)};
}

static meter_driver_list_string_t texts(const char *const *said, size_t count) {
    meter_driver_list_string_t out = {malloc(count * sizeof(string_t)), count};
    for (size_t i = 0; i < count; i++) out.ptr[i] = text(said[i]);
    return out;
}

static dianka_meter_types_list_byte_range_t range(const area_t *area) {
    dianka_meter_types_list_byte_range_t out = {malloc(sizeof *out.ptr), 1};
    out.ptr[0] = (dianka_meter_types_byte_range_t){area->offset, area->len};
    return out;
}

static dianka_meter_types_list_display_item_t displays(void) {
    static const char *const ROWS[][7] = {
        {"meter-no", "表号", "Meter number", "00001234", "1234", "CH", "电表的出厂编号"},
        {"count", "购电次数", "Purchase number", "1", "0001", "PC", "最近一次装入的购电次数"},
        {"remaining", "剩余电量", "Energy left", "100.00", "100", "", "还可以用的电量，负数为透支"},
        {"total-purchased", "累计购电量", "Energy bought in all", "100", "0100", "P=", "装入的全部电量"},
        {"card-error", "卡错误", "Card error", "E=C07", "E=CE", "E=C07", "卡不属于本表、次数不对或无法读取"},
    };
    static const char *const MEANINGS[] = {
        "The meter's factory number", "Number of the last purchase that was loaded", "What may still be used; negative: overdrawn",
        "All that was loaded", "The card is not this meter's, has a wrong number, or cannot be read"};
    const size_t count = sizeof ROWS / sizeof ROWS[0];
    dianka_meter_types_list_display_item_t out = {malloc(count * sizeof *out.ptr), count};
    for (size_t i = 0; i < count; i++)
        out.ptr[i] = (dianka_meter_types_display_item_t){
            text(ROWS[i][0]), both(ROWS[i][1], ROWS[i][2]), text(ROWS[i][3]), text(ROWS[i][4]), text(ROWS[i][5]),
            both(ROWS[i][6], MEANINGS[i])};
    return out;
}

void exports_dianka_meter_driver_describe(dianka_meter_types_description_t *own) {
    static const char *const KINDS[] = {"blank", "purchase"};
    memset(own, 0, sizeof *own);
    own->id = text(STANDARD.id);
    own->version = text(STANDARD.version);
    own->name = both(STANDARD.name_zh, STANDARD.name_en);
    own->standards = texts(&STANDARD.standard, 1);
    own->carrier = text("card");
    own->evidence = both(STANDARD.evidence_zh, STANDARD.evidence_en);
    own->card_kinds = texts(KINDS, 2);
    own->facts = (dianka_meter_types_facts_t){
        .quantity_step_wh = STANDARD.quantity_step_wh,
        .quantity_min_wh = STANDARD.quantity_min_wh,
        .quantity_max_wh = STANDARD.quantity_max_wh,
        .count_max = STANDARD.count_max,
        .preset_deducted_by = text(STANDARD.system_deducts_preset ? "system" : "meter"),
        .alarm_permille = 100,
        .alarm_min_wh = STANDARD.quantity_step_wh,
        .loads_at_hoarding_limit = {true, false},
        .writes_back_on_rejection = {true, true},
        .shows_next_count = {true, false},
        .capacity_max_w = STANDARD.capacity_max_w,
    };
    dianka_meter_types_layout_t *layout = &own->layout;
    layout->chip = text(STANDARD.chip);
    layout->size = STANDARD.size;
    layout->seal_offset = STANDARD.body.offset;
    layout->seal_value = STANDARD.seal;
    layout->writable = range(&STANDARD.body);
    layout->returned = range(&STANDARD.returned);
    layout->fields.ptr = malloc(STANDARD.body.count * sizeof *layout->fields.ptr);
    layout->fields.len = STANDARD.body.count;
    for (size_t i = 0; i < STANDARD.body.count; i++) {
        const field_t *field = &STANDARD.body.fields[i];
        layout->fields.ptr[i] = (dianka_meter_types_field_t){
            text(NAMES[field->item]), field->offset, field->len, text(field->coding == BCD ? "bcd-be" : "uint-be"),
            field->step};
    }
    own->displays = displays();
}
