/*
 * Elements of a list that are like an earlier one.
 *
 * A server writes all resources of one kind with the same members in the same
 * order, so what differs between two elements of `entry` are mostly texts and
 * numbers.  An element that has been read becomes a *model*.  The next ones are
 * compared with it: what stands between its leaves (texts, numbers and words),
 * brackets, keys, colons, commas and blanks, must be the same bytes; each leaf is
 * passed as everywhere.  Such an element is as valid as the model, has the same
 * keys, and has the same nodes but for the leaves; so its nodes are copied, and
 * no key is looked up.
 *
 * Which model comes next is guessed by what came the last time behind the one
 * before.  An element that is like no model is read as any other value is, and
 * becomes a model itself, in the place of the oldest.
 */
#include "record/json_internal.h"

enum { FEWEST_NODES = 12, MOST_NODES = 2000 }; /* of a model: less is not worth the comparison, more the memory */

/* Of a model: a leaf, and what stands between the one before and it. */
typedef struct vg_json_leaf {
	uint32_t from, length; /* bytes of the text */
	uint32_t node;         /* counted from the model's first */
} vg_json_leaf;

/* Of a model: an object or a list, and how many leaves stand before it begins and before it ends. */
typedef struct vg_json_branch {
	uint32_t node, before, until;
} vg_json_branch;

/* ---- comparing ------------------------------------------------------------ */

/* Whether the same `length` bytes stand at both places; of both 32 may be read. */
static inline bool is_same(const char *a, const char *b, uint32_t length)
{
#ifdef __SSE2__
	if (VG_LIKELY(length < 32)) {
		const __m128i *at = (const __m128i *)(const void *)a, *other = (const __m128i *)(const void *)b;
		unsigned low = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(at), _mm_loadu_si128(other))),
			 high =
			     (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(at + 1), _mm_loadu_si128(other + 1)));
		return (~(low | high << 16) & (((unsigned)1 << length) - 1)) == 0;
	}
#endif
	return memcmp(a, b, length) == 0;
}

/* A number or a word, in the node that was copied from the model's leaf. */
RARE static const char *pass_other_leaf(vg_json_scanner *scanner, const char *at, vg_json_node *node)
{
	vg_json_kind kind;
	const char *start = at;
	if (*at == '{' || *at == '[')
		return NULL;
	at = vg_json_pass_scalar(scanner, at, &kind);
	if (at)
		vg_json_set_scalar(node, kind, start, at);
	return at;
}

static inline const char *pass_leaf(vg_json_scanner *scanner, const char *at, vg_json_node *node)
{
	if (VG_UNLIKELY(*at != '"'))
		return pass_other_leaf(scanner, at, node);
	bool escaped = false;
	const char *start = at + 1;
	at = vg_json_pass_text(scanner, start, &escaped);
	if (VG_UNLIKELY(!at))
		return NULL;
	node->text = vg_json_kept_text(scanner, start, at, escaped);
	node->kind = VG_JSON_TEXT;
	return at + 1;
}

/* Passes what stands in both the text and the model. */
static inline const char *pass_same(const vg_json_scanner *scanner, const char *at, uint32_t from, uint32_t length)
{
	bool room = scanner->guess_end - at >= (ptrdiff_t)length;
	return VG_LIKELY(room) && is_same(at, scanner->text + from, length) ? at + length : NULL;
}

/* The leaves, one after the other.  shifts[i]: how much further than in the model the text stands behind i leaves. */
static const char *pass_leaves(vg_json_scanner *scanner, const vg_json_model *model, const char *at, vg_json_node *nodes,
			       vg_json_span *spans)
{
	const vg_json_leaf *leaf = model->leaves, *end = leaf + model->leaf_count;
	uint32_t *shift = model->shifts;
	for (; leaf < end; leaf++) {
		const char *start = pass_same(scanner, at, leaf->from, leaf->length);
		*shift++ = (uint32_t)(at - scanner->text) - leaf->from;
		at = start ? pass_leaf(scanner, start, &nodes[leaf->node]) : NULL;
		if (!at)
			return NULL;
		spans[leaf->node] = vg_json_span_of(scanner, start, at);
	}
	*shift = (uint32_t)(at - scanner->text) - model->rest_from;
	return pass_same(scanner, at, model->rest_from, model->rest_length);
}

static const char *pass_like(vg_json_scanner *scanner, const vg_json_model *model, const char *at)
{
	uint32_t count = scanner->nodes[model->node].size;
	if (scanner->nodes_left < count)
		return NULL;
	while (scanner->node_capacity - scanner->node_count < count)
		if (!vg_json_grow_nodes(scanner))
			return NULL;
	vg_json_node *nodes = scanner->nodes + scanner->node_count;
	vg_json_span *spans = scanner->spans + scanner->node_count;
	memcpy(nodes, scanner->nodes + model->node, count * sizeof *nodes);
	at = pass_leaves(scanner, model, at, nodes, spans);
	if (!at)
		return NULL;
	const vg_json_span *old = scanner->spans + model->node;
	for (const vg_json_branch *branch = model->branches, *end = branch + model->branch_count; branch < end; branch++)
		spans[branch->node] = (vg_json_span){old[branch->node].start + model->shifts[branch->before],
						     old[branch->node].end + model->shifts[branch->until]};
	scanner->node_count += count;
	scanner->nodes_left -= model->leaf_count + model->branch_count;
	return at;
}

const char *vg_json_pass_alike(vg_json_scanner *scanner, const char *at)
{
	vg_json_model *last = &scanner->models[scanner->last_model];
	for (uint8_t i = 0, number = last->follower; i < scanner->model_count; i++) {
		if (scanner->models[number].depth == scanner->depth) {
			const char *behind = pass_like(scanner, &scanner->models[number], at);
			if (behind) {
				scanner->last_model = last->follower = number;
				return behind;
			}
		}
		number = (uint8_t)(number + 1U == scanner->model_count ? 0 : number + 1);
	}
	return NULL;
}

/* ---- making a model --------------------------------------------------------- */

static bool is_branch(const vg_json_node *node) { return node->kind == VG_JSON_OBJECT || node->kind == VG_JSON_ARRAY; }

/* Leaves and branches in the order of the text, and what stands behind the last leaf. */
static void fill_model(const vg_json_scanner *scanner, vg_json_model *model)
{
	const vg_json_node *nodes = scanner->nodes + model->node;
	const vg_json_span *spans = scanner->spans + model->node;
	uint32_t from = spans[0].start, count = nodes[0].size;
	uint32_t *passed = model->shifts; /* until it is used: leaves up to each node, itself included */
	for (uint32_t i = 0; i < count; i++) {
		if (is_branch(&nodes[i])) {
			model->branches[model->branch_count++] = (vg_json_branch){.node = i, .before = model->leaf_count};
		} else if (nodes[i].kind != VG_JSON_NAME) {
			model->leaves[model->leaf_count++] =
			    (vg_json_leaf){.from = from, .length = spans[i].start - from, .node = i};
			from = spans[i].end;
		}
		passed[i] = model->leaf_count;
	}
	for (uint32_t i = 0; i < model->branch_count; i++) {
		vg_json_branch *branch = &model->branches[i];
		branch->until = passed[branch->node + nodes[branch->node].size - 1];
	}
	model->rest_from = from;
	model->rest_length = spans[0].end - from;
}

void vg_json_keep_model(vg_json_scanner *scanner, uint32_t node)
{
	uint32_t count = scanner->nodes[node].size;
	if (count < FEWEST_NODES || count > MOST_NODES)
		return;
	vg_json_model model = {.node = node, .depth = scanner->depth, .follower = scanner->next_model};
	model.leaves = vg_alloc_unset(scanner->arena, count * sizeof *model.leaves);
	model.branches = vg_alloc_unset(scanner->arena, count * sizeof *model.branches);
	model.shifts = vg_alloc_unset(scanner->arena, (count + 1) * sizeof *model.shifts);
	if (!model.leaves || !model.branches || !model.shifts)
		return; /* the arena is marked, and the scan ends with that */
	fill_model(scanner, &model);
	scanner->models[scanner->next_model] = model;
	if (scanner->model_count == scanner->next_model)
		scanner->model_count++;
	scanner->models[scanner->last_model].follower = scanner->next_model;
	scanner->last_model = scanner->next_model;
	scanner->next_model = (uint8_t)((scanner->next_model + 1) % VG_JSON_MODELS);
}
