/*
 * Walking a tree with what each leaf looked at: the one source of evidence,
 * of what is missing, of traces, and of what would change an outcome.
 *
 * Steps stand depth first, parents before children, all children included: the
 * fast path stops as soon as a list is decided, a reader wants to see the rest.
 */
#include "evaluation/authoring_internal.h"

static const char *list_sentence(vg_work *work, const vg_node *node)
{
	if (node->sentence && *node->sentence)
		return node->sentence;
	switch ((vg_node_kind)node->kind) {
	case VG_NODE_ALL:
		return "all of these";
	case VG_NODE_ANY:
		return "any of these";
	case VG_NODE_NONE:
		return "none of these";
	case VG_NODE_AT_LEAST: {
		const char *text = vg_format(work->arena, "at least %u of these", (unsigned)node->least);
		return text ? text : "";
	}
	case VG_NODE_LEAF:
		break;
	}
	return "";
}

vg_truth vg_list_truth(const vg_node *node, uint32_t yes, uint32_t unknown)
{
	switch ((vg_node_kind)node->kind) {
	case VG_NODE_ALL:
		return yes == node->count ? VG_TRUE : yes + unknown == node->count ? VG_UNKNOWN : VG_FALSE;
	case VG_NODE_ANY:
		return yes ? VG_TRUE : unknown ? VG_UNKNOWN : VG_FALSE;
	case VG_NODE_NONE:
		return yes ? VG_FALSE : unknown ? VG_UNKNOWN : VG_TRUE;
	case VG_NODE_AT_LEAST:
		return yes >= node->least ? VG_TRUE : yes + unknown >= node->least ? VG_UNKNOWN : VG_FALSE;
	case VG_NODE_LEAF:
		break;
	}
	return VG_UNKNOWN;
}

uint64_t vg_lap(const vg_work *work, uint64_t begun) { return work->stopwatch ? work->stopwatch() - begun : 0; }

static vg_truth look_anew(vg_work *work, const vg_leaf *leaf, const vg_binding *binding, vg_look *ret)
{
	*ret = (vg_look){.arena = work->arena};
	return vg_leaf_truth(&work->scene, leaf, binding, ret);
}

/* What does not speak of this order or pair looks the same for all of them, and an alert may name thousands.  With a
 * stopwatch each look is taken, and timed, for itself. */
vg_truth vg_look_at_leaf(vg_work *work, const uint32_t *number, const vg_binding *binding, vg_look *ret)
{
	const vg_leaf *leaf = &work->book->leaves[*number];
	if (leaf->bound || work->stopwatch)
		return look_anew(work, leaf, binding, ret);
	if (work->look_count == 0)
		vg_map_init(&work->look_places, work->arena);
	uint32_t *place = vg_map_at(&work->look_places, number, sizeof *number, true);
	if (place && *place == 0) {
		vg_looked *looks = vg_grow(work->arena, work->looks, work->look_count, &work->look_capacity, sizeof *looks);
		if (!looks)
			return look_anew(work, leaf, binding, ret);
		work->looks = looks;
		looks[work->look_count].truth = look_anew(work, leaf, binding, &looks[work->look_count].look);
		*place = (uint32_t)++work->look_count;
	}
	if (!place)
		return look_anew(work, leaf, binding, ret);
	*ret = work->looks[*place - 1].look;
	return work->looks[*place - 1].truth;
}

static vg_truth walk(vg_work *work, uint32_t number, const vg_binding *binding, uint32_t parent, int depth, vg_walk *out)
{
	const vg_node *node = &work->book->nodes[number];
	uint64_t begun = vg_lap(work, 0);
	vg_step *steps = vg_grow(work->arena, out->steps, out->count, &out->capacity, sizeof *steps);
	if (!steps)
		return VG_UNKNOWN;
	out->steps = steps;
	uint32_t place = (uint32_t)out->count++;
	steps[place] = (vg_step){.node = number, .parent = parent, .depth = depth, .kind = node->kind, .place = node->place};
	if (node->kind == VG_NODE_LEAF) {
		const vg_leaf *leaf = &work->book->leaves[node->leaf];
		steps[place].leaf = leaf;
		steps[place].sentence = node->sentence && *node->sentence ? node->sentence : leaf->sentence;
		steps[place].truth = vg_look_at_leaf(work, &node->leaf, binding, &steps[place].look);
		steps[place].nanoseconds = vg_lap(work, begun);
		return steps[place].truth;
	}
	steps[place].sentence = list_sentence(work, node);
	uint32_t yes = 0, unknown = 0;
	for (uint32_t i = 0; i < node->count; i++) {
		vg_truth child = walk(work, work->book->children[node->first + i], binding, place, depth + 1, out);
		yes += child == VG_TRUE;
		unknown += child == VG_UNKNOWN;
	}
	steps = out->steps; /* the array may have moved */
	steps[place].nanoseconds = vg_lap(work, begun);
	return steps[place].truth = vg_list_truth(node, yes, unknown);
}

void vg_walk_tree(vg_work *work, uint32_t node, const vg_binding *binding, vg_walk *out)
{
	static const vg_binding nobody = {.order = NULL};
	if (node != VG_NO_NODE)
		walk(work, node, binding ? binding : &nobody, UINT32_MAX, 0, out);
}

bool vg_step_decides(const vg_walk *walk, size_t step, vg_truth value)
{
	vg_truth wanted = value;
	if (walk->steps[step].truth != wanted)
		return false;
	for (uint32_t parent = walk->steps[step].parent; parent != UINT32_MAX; parent = walk->steps[parent].parent) {
		if (walk->steps[parent].kind == VG_NODE_NONE)
			wanted = vg_not(wanted);
		if (walk->steps[parent].truth != wanted)
			return false;
	}
	return true;
}

const char *vg_walk_missing(vg_work *work, const vg_walk *walk)
{
	const char **texts = vg_alloc_array(work->arena, walk->count, sizeof *texts);
	size_t count = 0;
	for (size_t i = 0; texts && i < walk->count; i++) {
		const vg_step *step = &walk->steps[i];
		if (!step->leaf || !vg_step_decides(walk, i, VG_UNKNOWN))
			continue;
		const char *text =
		    step->look.missing ? step->look.missing : vg_format(work->arena, "not known: %s", step->sentence);
		bool said = !text;
		for (size_t k = 0; k < count && !said; k++)
			said = strcmp(texts[k], text) == 0;
		if (!said)
			texts[count++] = text;
	}
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	for (size_t i = 0; i < count; i++) {
		vg_add(&out, i ? "; " : "");
		vg_add(&out, texts[i]);
	}
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}

const char *vg_walk_trace(vg_work *work, const vg_walk *walk, const char *part, vg_buffer *out)
{
	for (size_t i = 0; i < walk->count; i++) {
		const vg_step *step = &walk->steps[i];
		vg_add(out, part);
		vg_add(out, ": ");
		for (int depth = 0; depth < step->depth; depth++)
			vg_add(out, "  ");
		vg_addf(out, "%s: %s", step->sentence ? step->sentence : "", vg_truth_text(step->truth));
		if (step->look.value)
			vg_addf(out, " (%s)", step->look.value);
		if (step->truth == VG_UNKNOWN && step->look.missing)
			vg_addf(out, " (%s)", step->look.missing);
		for (size_t k = 0; k < step->look.fact_count && k < 3; k++) {
			const vg_clinical_fact *fact = step->look.facts[k];
			const char *date = vg_fact_date(work, fact);
			vg_addf(out, "%s%s%s%s", k ? ", " : " [", fact->display, date ? " " : "", date ? date : "");
		}
		if (step->look.fact_count)
			vg_add(out, step->look.fact_count > 3 ? " …]" : "]");
		vg_add(out, "\n");
	}
	return vg_buffer_text(out);
}

/* ---- what would change it ------------------------------------------------------------ */

typedef struct change { /* the fewest leaves that would have to differ, those first that can */
	unsigned cost;
	const char *text;
} change;

/* What no care can change is the last to be proposed. */
static unsigned change_cost(const vg_leaf *leaf)
{
	switch ((vg_word_id)leaf->word) {
	case VG_WORD_SEX:
	case VG_WORD_DECEASED:
		return 9;
	case VG_WORD_AGE_BETWEEN:
	case VG_WORD_AGE_AT_LEAST:
	case VG_WORD_AGE_BELOW:
		return 4;
	default:
		return 1;
	}
}

/* A sentence as it would have to be: "is pregnant" → "the patient were not pregnant", "latest INR is above 4" →
 * "latest INR were not above 4"; what begins otherwise is quoted whole. */
static const char *turned(vg_work *work, const char *sentence, vg_truth want)
{
	bool so = want == VG_TRUE;
	const char *is = strstr(sentence, " is ");
	if (vg_starts_with(sentence, "is or will be "))
		return vg_format(work->arena,
				 so ? "the patient were or would be %s" : "the patient neither were nor would be %s",
				 sentence + 14);
	if (vg_starts_with(sentence, "is "))
		return vg_format(work->arena, "the patient were %s%s", so ? "" : "not ", sentence + 3);
	if (vg_starts_with(sentence, "has or had "))
		return vg_format(work->arena, "the patient had %s %s", so ? "once had" : "never had", sentence + 11);
	if (vg_starts_with(sentence, "has started ") || vg_starts_with(sentence, "has stopped "))
		return vg_format(work->arena, "the patient had %s%s", so ? "" : "not ", sentence + 4);
	if (vg_starts_with(sentence, "has "))
		return vg_format(work->arena, "the patient %s %s", so ? "had" : "did not have", sentence + 4);
	if (is && !so && !(is - sentence >= 5 && memcmp(is - 5, " that", 5) == 0))
		return vg_format(work->arena, "%.*s were not %s", (int)(is - sentence), sentence, is + 4);
	return vg_format(work->arena, so ? "it were so that %s" : "it were not so that %s", sentence);
}

/* "eGFR were below 30", "the patient were not pregnant" */
static const char *leaf_change(vg_work *work, const vg_step *step, vg_truth want)
{
	const char *need = step->look.would_need, *text;
	const char *set = step->leaf->set ? vg_set_name(work->knowledge, step->leaf->set) : NULL;
	size_t length = set ? strlen(set) : 0;
	if (want == VG_TRUE && need && length && strncmp(need, set, length) == 0)
		text = vg_format(work->arena, "%s were%s", set, need + length);
	else
		text = turned(work, step->sentence, want);
	return text ? text : "";
}

static change find_change(vg_work *work, const vg_walk *walk, uint32_t step, vg_truth want);

/* The `needed` cheapest children. */
static change of_children(vg_work *work, const vg_walk *walk, uint32_t parent, vg_truth want, uint32_t needed)
{
	change *list = vg_alloc_array(work->arena, walk->count, sizeof *list);
	uint32_t count = 0;
	for (uint32_t i = parent + 1; list && i < walk->count; i++)
		if (walk->steps[i].parent == parent)
			list[count++] = find_change(work, walk, i, want);
	change sum = {0, ""};
	if (!list || needed > count)
		return (change){UINT16_MAX, ""};
	/* Equal costs keep the order in which they are written: an insertion sort is stable. */
	for (uint32_t i = 1; i < count; i++)
		for (uint32_t k = i; k > 0 && list[k - 1].cost > list[k].cost; k--) {
			change held = list[k];
			list[k] = list[k - 1];
			list[k - 1] = held;
		}
	for (uint32_t i = 0; i < needed; i++) {
		sum.cost += list[i].cost;
		if (!list[i].text[0])
			continue;
		const char *text = *sum.text ? vg_format(work->arena, "%s and %s", sum.text, list[i].text) : list[i].text;
		sum.text = text ? text : "";
	}
	return sum;
}

static change find_change(vg_work *work, const vg_walk *walk, uint32_t place, vg_truth want)
{
	const vg_step *step = &walk->steps[place];
	if (step->truth == want)
		return (change){0, ""};
	if (step->leaf)
		return (change){change_cost(step->leaf), leaf_change(work, step, want)};
	const vg_node *node = &work->book->nodes[step->node];
	uint32_t all = node->count, least = node->least;
	switch ((vg_node_kind)node->kind) {
	case VG_NODE_ALL:
		return of_children(work, walk, place, want, want == VG_TRUE ? all : 1);
	case VG_NODE_ANY:
		return of_children(work, walk, place, want, want == VG_TRUE ? 1 : all);
	case VG_NODE_NONE:
		return of_children(work, walk, place, vg_not(want), want == VG_TRUE ? all : 1);
	case VG_NODE_AT_LEAST:
		return of_children(work, walk, place, want, want == VG_TRUE ? least : all >= least ? all - least + 1 : 0);
	case VG_NODE_LEAF:
		break;
	}
	return (change){UINT16_MAX, ""};
}

const char *vg_walk_change(vg_work *work, const vg_walk *walk, vg_truth want)
{
	return walk->count ? find_change(work, walk, 0, want).text : "";
}
