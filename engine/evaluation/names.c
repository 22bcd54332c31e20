/*
 * What facts, drugs and allergies are called in texts.
 *
 * A summary speaks of ingredients ("warfarin with ibuprofen"), because that is
 * how a prescriber thinks of a pair; details and evidence name the product or
 * the entry as it stands in the record.
 */
#include "evaluation/evaluation_internal.h"

const char *vg_fact_words(const vg_clinical_fact *fact) { return fact->display && *fact->display ? fact->display : fact->type; }

const char *vg_ingredient_words(const vg_work *work, const vg_clinical_fact *fact, vg_concept ingredient)
{
	if (!ingredient && fact->ingredient_count == 1)
		ingredient = fact->ingredients[0];
	const char *name = ingredient ? vg_concept_name(work->knowledge, ingredient) : NULL;
	return name && *name ? name : vg_fact_words(fact);
}

const char *vg_join_words(vg_arena *arena, const char *const *words, size_t count)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (size_t i = 0; i < count; i++) {
		vg_add(&out, i == 0 ? "" : i + 1 == count ? " and " : ", ");
		vg_add(&out, words[i]);
	}
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}

const char *vg_fact_date(vg_work *work, const vg_clinical_fact *fact)
{
	vg_when when = vg_when_known(fact->when) ? fact->when : fact->recorded;
	if (!vg_when_known(when))
		return NULL;
	char text[32];
	vg_when_text(when, text);
	return vg_copy_text(work->arena, text, strlen(text));
}

const char *vg_capital(vg_arena *arena, const char *text)
{
	bool as_it_is = text[0] < 'a' || text[0] > 'z' || (text[1] >= 'A' && text[1] <= 'Z'); /* eGFR, pH */
	if (as_it_is)
		return text;
	char *copy = vg_copy_text(arena, text, strlen(text));
	if (!copy)
		return text;
	copy[0] = (char)(copy[0] - 'a' + 'A');
	return copy;
}

void vg_add_sentence(vg_buffer *out, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	if (length == 0)
		return;
	vg_add(out, out->length ? " " : "");
	vg_add(out, vg_capital(out->arena, text));
	if (!strchr(".!?", text[length - 1]))
		vg_add(out, ".");
}

/* "Penicillin (anaphylaxis; severe; high criticality)" */
const char *vg_allergy_words(vg_work *work, const vg_clinical_fact *allergy)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	vg_add(&out, vg_fact_words(allergy));
	const char *before = " (";
	for (uint16_t i = 0; i < allergy->reaction_count; i++) {
		const vg_code *code = &allergy->reactions[i];
		const char *name = *code->display  ? code->display
				   : code->concept ? vg_concept_name(work->knowledge, code->concept)
						   : "";
		if (!*name)
			continue;
		vg_addf(&out, "%s%s", before, name);
		before = "; ";
	}
	static const char *const reactions[] = {"", "mild reaction", "moderate reaction", "severe reaction"};
	static const char *const criticalities[] = {"", "low criticality", "high criticality"};
	if (allergy->reaction != VG_REACTION_UNKNOWN && allergy->reaction < VG_COUNT(reactions)) {
		vg_addf(&out, "%s%s", before, reactions[allergy->reaction]);
		before = "; ";
	}
	if (allergy->criticality != VG_CRITICALITY_UNKNOWN && allergy->criticality < VG_COUNT(criticalities)) {
		vg_addf(&out, "%s%s", before, criticalities[allergy->criticality]);
		before = "; ";
	}
	if (*before == ';')
		vg_add(&out, ")");
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}
