/*
 * How large an input may be.
 *
 * A record comes from outside: whoever sends it must not be able to hold the
 * engine by size, depth or count.  Each limit has its own message.  The figures
 * lie far above real records (the largest of 60 synthetic patients has 3 MB and
 * 5,000 entries) and far below what would hurt.
 */
#include "record/record.h"

const vg_limits vg_default_limits = {
    .bytes = (size_t)64 << 20,        /* of the whole text */
    .depth = 100,                     /* of arrays and objects inside each other */
    .nodes = 8000000,                 /* values of all kinds */
    .keys = 10000,                    /* members of one object */
    .string_length = (size_t)8 << 20, /* bytes of one string: attachments are long */
    .entries = 200000,                /* resources of one input */
    .codings = 200,                   /* codings of one concept */
    .orders = 200,                    /* being made in one request: each is judged beside each other */
};
