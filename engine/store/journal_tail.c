/*
 * What a tail of the journal holds, and walking over it.
 *
 * A row is a head of fixed size and its texts, each with its NUL: kind, body,
 * and four of each card.  Numbers are in the machine's own order: a tail is read where it
 * was written.  Nothing tells how many rows there are.  A row counts when its checksum
 * fits and its number follows that of the row before; what an earlier use of
 * the file left behind the last row has lower numbers and so does not count.
 *
 * The checksum is against accidents: a write that a full disk or the end of
 * the machine cut short.  Against intent stands the row's code in the chain.
 *
 * A row that does not count is the end, unless behind it lies one that was
 * written later: then something was lost.  Only after the machine itself went down is that
 * no loss to speak of: pages that were not synced reach the disk in any order.  So each row
 * names the start of the machine under which it was written.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/journal_internal.h"

static const char row_mark[8] = "vg row 1";

typedef struct row_head {
	char mark[8];
	uint64_t checksum; /* of all that follows, up to the row's end */
	uint32_t size;     /* of the row, this head included */
	uint32_t card_count;
	uint64_t number;
	int64_t at;
	uint64_t boot;
	vg_chain_code code;
} row_head;
enum { BEFORE_CHECKED = 16, CARD_TEXTS = 4 };
_Static_assert(sizeof(row_head) == 80, "a row's head has no gaps");

size_t vg_tail_row_size(const vg_journal_row *row)
{
	size_t size = sizeof(row_head) + strlen(row->kind) + strlen(row->body) + 2;
	for (size_t i = 0; i < row->card_count; i++) {
		const vg_journal_card *card = &row->cards[i];
		size += strlen(card->uuid) + strlen(card->rule) + strlen(card->severity) + strlen(card->status) + CARD_TEXTS;
	}
	return size;
}

void vg_tail_row_write(char *to, size_t size, const vg_journal_row *row, const vg_chain_code *code, uint64_t boot)
{
	row_head head = {.size = (uint32_t)size,
			 .card_count = (uint32_t)row->card_count,
			 .number = row->number,
			 .at = row->at,
			 .boot = boot,
			 .code = *code};
	char *place = stpcpy(to + sizeof head, row->kind) + 1;
	place = stpcpy(place, row->body) + 1;
	for (size_t i = 0; i < row->card_count; i++) {
		const vg_journal_card *card = &row->cards[i];
		place = stpcpy(place, card->uuid) + 1;
		place = stpcpy(place, card->rule) + 1;
		place = stpcpy(place, card->severity) + 1;
		place = stpcpy(place, card->status) + 1;
	}
	memcpy(head.mark, row_mark, sizeof head.mark);
	memcpy(to, &head, sizeof head);
	head.checksum = vg_hash(to + BEFORE_CHECKED, size - BEFORE_CHECKED);
	memcpy(to, &head, sizeof head);
}

/* Whether a whole row lies at this place, and its head. */
static bool read_head(const vg_tail_walk *walk, size_t place, row_head *ret)
{
	if (walk->length - place < sizeof *ret)
		return false;
	memcpy(ret, walk->bytes + place, sizeof *ret);
	return memcmp(ret->mark, row_mark, sizeof row_mark) == 0 && ret->size >= sizeof *ret &&
	       ret->size <= walk->length - place &&
	       vg_hash(walk->bytes + place + BEFORE_CHECKED, ret->size - BEFORE_CHECKED) == ret->checksum;
}

/* The text at *place, which then is behind it; NULL: there is none that ends before `end`. */
static const char *take_text(const char **place, const char *end)
{
	const char *text = *place, *nul = memchr(text, '\0', (size_t)(end - text));
	*place = nul ? nul + 1 : end;
	return nul ? text : NULL;
}

/* The texts of a row whose checksum fits: whoever wrote it may still not have been us. */
static bool take_texts(vg_tail_walk *walk, const char *place, const char *end, size_t card_count, vg_arena *arena)
{
	walk->row.kind = take_text(&place, end);
	walk->row.body = take_text(&place, end);
	walk->row.card_count = 0;
	while (walk->row.card_count < card_count && place < end) {
		vg_journal_card *cards = vg_grow(arena, walk->cards, walk->row.card_count, &walk->card_room, sizeof *cards);
		if (!cards)
			return false;
		walk->cards = cards;
		vg_journal_card *card = &cards[walk->row.card_count++];
		card->uuid = take_text(&place, end);
		card->rule = take_text(&place, end);
		card->severity = take_text(&place, end);
		if (!(card->status = take_text(&place, end))) /* without one of the others there is none of the last */
			return false;
	}
	walk->row.cards = walk->cards;
	return walk->row.body && walk->row.card_count == card_count && place == end;
}

bool vg_tail_next(vg_tail_walk *walk, vg_arena *arena)
{
	row_head head;
	uint64_t before = walk->row.number; /* 0: this is the first row, whatever its number is */
	const char *bytes = walk->bytes + walk->place;
	walk->on_row = read_head(walk, walk->place, &head) && head.number > 0 && (before == 0 || head.number == before + 1) &&
		       take_texts(walk, bytes + sizeof head, bytes + head.size, head.card_count, arena);
	if (!walk->on_row)
		return false;
	walk->row.number = head.number;
	walk->row.at = head.at;
	walk->code = head.code;
	walk->boot = head.boot;
	walk->place += head.size;
	return true;
}

bool vg_tail_goes_on(const vg_tail_walk *walk, uint64_t number, uint64_t boot)
{
	row_head head;
	const char *end = walk->bytes + walk->length, *place = walk->bytes + walk->place;
	while (place < end && (place = memmem(place, (size_t)(end - place), row_mark, sizeof row_mark)) != NULL) {
		if (read_head(walk, (size_t)(place - walk->bytes), &head) && head.number > number && head.boot == boot)
			return true;
		place += sizeof row_mark;
	}
	return false;
}

uint64_t vg_tail_boot(void)
{
	char text[64] = "";
	int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t length = file >= 0 ? read(file, text, sizeof text) : 0;
	if (file >= 0)
		close(file);
	return vg_hash(text, length > 0 ? (size_t)length : 0);
}
