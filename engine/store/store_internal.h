/* What the files of the floor `store` share: the journal's chain and its SQL, and what a feed is. */
#ifndef VG_STORE_INTERNAL_H
#define VG_STORE_INTERNAL_H

#include <nettle/hmac.h>
#include <sqlite3.h>

#include "store/store.h"

#define VG_JOURNAL_APPLICATION 0x5647494a /* "VGIJ", PRAGMA application_id */
#define VG_JOURNAL_VERSION 1              /* PRAGMA user_version */

typedef struct vg_chain_key {
	unsigned char bytes[32];
} vg_chain_key;
typedef struct vg_chain_code {
	unsigned char bytes[32];
} vg_chain_code;

/* The code of a row, from the code before it (all zero before the first): begin, each of its cards in order, end. */
typedef struct vg_chain_state {
	struct hmac_sha256_ctx context;
	uint64_t cards;
} vg_chain_state;
void vg_chain_begin(vg_chain_state *state, const vg_chain_key *key, const vg_chain_code *before, const vg_journal_row *row);
void vg_chain_card(vg_chain_state *state, const vg_journal_card *card);
void vg_chain_end(vg_chain_state *state, vg_chain_code *ret);
/* All of them for a row that is there with its cards; `ret` may be `before`. */
void vg_chain_row(const vg_chain_key *key, const vg_chain_code *before, const vg_journal_row *row, vg_chain_code *ret);
void vg_chain_text(const vg_chain_code *code, char out[65]);
bool vg_chain_parse(const char *text, vg_chain_code *ret);

/* Syncs the folder that a file lies in. */
bool vg_sync_folder(const char *path);
vigil_status vg_chain_key_read(const char *path, bool make, vg_chain_key *ret, vigil_error *err);
/* The newest row's number and code, kept beside the journal in FILE.head. */
vigil_status vg_chain_head_write(const char *path, uint64_t number, const vg_chain_code *code, vigil_error *err);
bool vg_chain_head_read(const char *path, uint64_t *ret_number, vg_chain_code *ret_code, bool *ret_damaged);

/* SQLite's own words about a file, as one of our errors. */
vigil_status vg_store_fail(vigil_error *err, const char *file, sqlite3 *database, int code, const char *doing);
/* What kind of SQLite file one of ours is (kind.c). */
typedef struct vg_store_kind {
	int application, version;                      /* PRAGMA application_id; the newest user_version that is known */
	const char *name, *tables;                     /* "journal"; the tables that it has to have, in words */
	const char *other;                             /* what is said of a database that is none */
	const char *name_one, *use_newer, *make_again; /* advice */
	vigil_status (*fail)(vigil_error *err, const char *file, sqlite3 *database, int code, const char *doing);
} vg_store_kind;
/* Whether a file is one that this release reads; *ret_empty: it is nothing yet. */
vigil_status vg_store_check_kind(const vg_store_kind *kind, sqlite3 *database, const char *file, bool *ret_empty,
				 vigil_error *err);
/* Opens an existing journal for reading and checks that it is one. */
vigil_status vg_journal_open_reader(const char *file, sqlite3 **ret, vigil_error *err);
vigil_status vg_journal_check_kind(sqlite3 *database, const char *file, bool *ret_empty, vigil_error *err);

/* ---- feeds (feed.c, reader.c) --------------------------------------------------- */

typedef struct vg_input {
	const char *path;
	bool lines;                /* a record a line; else the file is one */
	vg_population *population; /* of a store; NULL else */
	vg_population_range range; /* of the shard */
	uint64_t parts;            /* into which the range is dealt out */
} vg_input;

struct vg_feed {
	vg_arena arena; /* it lies in it */
	vg_allocator allocator;
	vg_shard shard;
	vg_input *inputs;
	size_t count, capacity;
	uint32_t current;
	vg_lines *lines;      /* of the current input */
	uint64_t behind_line; /* of the current input: lines up to here were done before */
	uint64_t read, size;  /* of the inputs before the current one; of all */
};

#endif
