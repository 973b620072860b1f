/* The virtual meter of a standard in card_meter.h. */
#include "card_meter.h"

#define WS 3600 /* watt-seconds of a watt-hour */

typedef struct {
    int64_t meter_no, constant, system_code, region;
    int64_t user_no, count, balance_ws, used_ws, purchased_wh, overdraft_wh, alarm_wh, power_w, errors;
    int64_t powered, card_error;
} meter_t;

typedef exports_dianka_meter_simulator_setup_t setup_t;
typedef exports_dianka_meter_simulator_outcome_t outcome_t;

/* The state is the meter's own bytes and their sum. */
static bool save(const meter_t *meter, bytes_t *out) {
    uint8_t bytes[sizeof *meter + 2];
    memcpy(bytes, meter, sizeof *meter);
    uint16_t sum = crc16(bytes, sizeof *meter);
    bytes[sizeof *meter] = (uint8_t)(sum >> 8);
    bytes[sizeof *meter + 1] = (uint8_t)sum;
    *out = copy(bytes, sizeof bytes);
    return true;
}

static bool load(const bytes_t *state, meter_t *meter, refusal_t *err) {
    if (state->len != sizeof *meter + 2) return refuse(err, "bad-state");
    uint16_t sum = crc16(state->ptr, sizeof *meter);
    if (state->ptr[sizeof *meter] != sum >> 8 || state->ptr[sizeof *meter + 1] != (sum & 255))
        return refuse(err, "bad-state");
    memcpy(meter, state->ptr, sizeof *meter);
    return true;
}

static bool same(const char *a, const char *b) { return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0; }

/* Rounded down, also below zero. */
static int64_t wh(int64_t ws) { return ws >= 0 ? ws / WS : -((-ws + WS - 1) / WS); }

static bool is_open(const meter_t *meter) { return meter->balance_ws <= -meter->overdraft_wh * WS; }

bool exports_dianka_meter_simulator_fresh(setup_t *setup, bytes_t *out, refusal_t *err) {
    meter_t meter;
    memset(&meter, 0, sizeof meter);
    if (setup->meter_no > INT64_MAX) return refuse(err, "bad-input");
    meter.meter_no = (int64_t)setup->meter_no;
    meter.constant = setup->constant;
    meter.system_code = setup->system_code;
    meter.region = setup->region;
    return save(&meter, out);
}

bool exports_dianka_meter_simulator_restore(
    setup_t *setup, dianka_meter_types_purchase_t *last, dianka_meter_types_returned_t *was, bytes_t *out, refusal_t *err) {
    const int64_t most = INT64_MAX / WS / 4;
    bytes_t state;
    meter_t meter;
    if (!exports_dianka_meter_simulator_fresh(setup, &state, err) || !load(&state, &meter, err)) return false;
    if (was->user_no > INT64_MAX || was->remaining_wh < 0 || was->remaining_wh > most || was->overdraft_wh < 0 ||
        was->overdraft_wh > most || was->total_used_wh < 0 || was->total_used_wh > most || was->total_purchased_wh < 0 ||
        was->total_purchased_wh > most || last->overdraft_wh < 0 || last->overdraft_wh > most)
        return refuse(err, "bad-input");
    meter.user_no = (int64_t)was->user_no;
    meter.count = was->count;
    meter.balance_ws = (was->remaining_wh - was->overdraft_wh) * WS;
    meter.used_ws = was->total_used_wh * WS;
    meter.purchased_wh = was->total_purchased_wh;
    meter.overdraft_wh = last->overdraft_wh;
    meter.alarm_wh = last->alarm_wh;
    meter.power_w = was->power_w;
    meter.errors = was->errors;
    meter.powered = 1;
    return save(&meter, out);
}

/* What becomes of a purchase; `loaded` if it was taken. */
static const char *purchase(meter_t *meter, const int64_t *n) {
    if (n[SYSTEM_CODE] != meter->system_code) return "wrong-system";
    if (n[REGION] != meter->region) return "wrong-region";
    if (n[METER_NO] != meter->meter_no) return "wrong-meter";
    if (meter->user_no && n[USER_NO] != meter->user_no) return "wrong-user";
    if (n[COUNT] <= meter->count) return "count-behind";
    if (n[COUNT] > meter->count + 1) return "count-ahead";
    if (n[QUANTITY] < STANDARD.quantity_min_wh) return "below-minimum";
    int64_t balance = meter->balance_ws + n[QUANTITY] * WS;
    if (n[HOARD] && balance >= n[HOARD] * WS) return "over-hoarding-limit";
    if (wh(balance) > STANDARD.quantity_max_wh || meter->purchased_wh + n[QUANTITY] > STANDARD.quantity_max_wh)
        return "over-hoarding-limit";
    meter->user_no = n[USER_NO];
    meter->count = n[COUNT];
    meter->balance_ws = balance;
    meter->purchased_wh += n[QUANTITY];
    meter->overdraft_wh = n[OVERDRAFT];
    meter->alarm_wh = n[ALARM];
    return "loaded";
}

static int64_t steps_of(item_t item, int64_t value) {
    for (size_t i = 0; i < STANDARD.returned.count; i++)
        if (STANDARD.returned.fields[i].item == item) return value - value % STANDARD.returned.fields[i].step;
    return value;
}

static bool write_back(const meter_t *meter, uint8_t *card, refusal_t *err) {
    numbers_t n;
    memset(&n, 0, sizeof n);
    int64_t left = wh(meter->balance_ws);
    const int64_t all[] = {meter->user_no, meter->meter_no, meter->count, wh(meter->used_ws), left > 0 ? left : 0,
                           left < 0 ? -left : 0, meter->purchased_wh, meter->power_w, is_open(meter), 0, meter->errors};
    for (item_t item = R_USER_NO; item < ITEMS; item++) n.of[item] = steps_of(item, all[item - R_USER_NO]);
    return put_area(&STANDARD.returned, &n, card, err);
}

static string_t number(const char *before, int64_t value, const char *after) {
    char said[64], digits[24];
    size_t at = strlen(before), count = 0;
    memcpy(said, before, at);
    uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
    if (value < 0) said[at++] = '-';
    do digits[count++] = (char)('0' + rest % 10); while (rest /= 10);
    while (count) said[at++] = digits[--count];
    memcpy(said + at, after, strlen(after) + 1);
    return text(said);
}

bool exports_dianka_meter_simulator_insert(bytes_t *state, card_t *card, outcome_t *out, refusal_t *err) {
    meter_t meter;
    numbers_t numbers;
    refusal_t unread;
    bool blank;
    if (!load(state, &meter, err)) return false;
    if (!meter.powered || card->bytes.len != STANDARD.size) return refuse(err, meter.powered ? "unsupported" : "bad-state");
    bool read = read_card(card, &numbers, &blank, &unread) && !blank;
    const char *code = read ? purchase(&meter, numbers.of) : "unreadable";
    bool loaded = same(code, "loaded");
    bool visit = read && same(code, "count-behind") && numbers.of[COUNT] == meter.count;
    meter.card_error = !loaded && !visit;
    if (meter.card_error && meter.errors < 9999) meter.errors++;
    out->card.chip = text(STANDARD.chip);
    out->card.bytes = copy(card->bytes.ptr, card->bytes.len);
    bool own = read && numbers.of[SYSTEM_CODE] == meter.system_code;
    if (own && !write_back(&meter, out->card.bytes.ptr, err)) return false;
    out->accepted = loaded;
    out->loaded_wh = loaded ? numbers.of[QUANTITY] : 0;
    out->code = text(code);
    out->display = meter.card_error ? text("E=C07") : number("", wh(meter.balance_ws) / 1000, " kWh");
    return save(&meter, &out->state);
}

bool exports_dianka_meter_simulator_pass(bytes_t *state, uint64_t seconds, uint32_t watts, bytes_t *out, refusal_t *err) {
    meter_t meter;
    if (!load(state, &meter, err)) return false;
    meter.power_w = 0;
    if (meter.powered && !is_open(&meter)) {
        uint64_t left = (uint64_t)(meter.balance_ws + meter.overdraft_wh * WS), used = left;
        if (!watts || seconds <= left / watts) used = seconds * watts;
        meter.balance_ws -= (int64_t)used;
        meter.used_ws += (int64_t)used;
        if (!is_open(&meter)) meter.power_w = watts;
    }
    return save(&meter, out);
}

bool exports_dianka_meter_simulator_power(bytes_t *state, bool on, bytes_t *out, refusal_t *err) {
    meter_t meter;
    if (!load(state, &meter, err)) return false;
    meter.powered = on;
    return save(&meter, out);
}

bool exports_dianka_meter_simulator_look(
    bytes_t *state, exports_dianka_meter_simulator_snapshot_t *out, refusal_t *err) {
    meter_t meter;
    if (!load(state, &meter, err)) return false;
    memset(out, 0, sizeof *out);
    out->meter_no = (uint64_t)meter.meter_no;
    out->user_no = (uint64_t)meter.user_no;
    out->count = (uint32_t)meter.count;
    out->balance_wh = wh(meter.balance_ws);
    out->total_used_wh = wh(meter.used_ws);
    out->total_purchased_wh = meter.purchased_wh;
    out->power_w = (uint32_t)meter.power_w;
    out->relay_closed = meter.powered && !is_open(&meter);
    out->alarm = out->balance_wh <= meter.alarm_wh;
    out->powered = meter.powered;
    if (!meter.powered) return true;
    const exports_dianka_meter_simulator_line_t lines[] = {
        {text("meter-no"), number("", meter.meter_no, ""), number("CH", meter.meter_no % 10000, "")},
        {text("count"), number("", meter.count, ""), number("PC", meter.count, "")},
        {text("remaining"), number("", out->balance_wh / 1000, " kWh"), number("", out->balance_wh / 1000, "")},
        {text("total-purchased"), number("", meter.purchased_wh / 1000, " kWh"), number("P=", meter.purchased_wh / 1000, "")},
        {text("card-error"), text(meter.card_error ? "E=C07" : ""), text(meter.card_error ? "E=CE" : "")},
    };
    out->lines.len = sizeof lines / sizeof lines[0];
    out->lines.ptr = malloc(sizeof lines);
    memcpy(out->lines.ptr, lines, sizeof lines);
    return true;
}
