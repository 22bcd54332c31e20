/*
 * Patient: birth date, administrative gender, death.  Nothing else of the person is kept.
 */
#include "record/record_internal.h"

void vg_read_patient(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	static const vg_places names = {VG_AT(birthDate, 0), VG_AT(gender, 1), VG_AT(deceasedBoolean, 2),
					VG_AT(deceasedDateTime, 3)};
	const vg_json_node *member[4];
	VG_PICK(resource, names, member);
	vg_patient *patient = &in->record->patient;
	patient->reference = source->reference;
	patient->birth = vg_read_when(in, member[0]);
	static const char *const sexes[] = {"male", "female", "other", "unknown"};
	for (size_t i = 0; i < VG_COUNT(sexes); i++)
		if (strcmp(vg_text_of(member[1]), sexes[i]) == 0)
			patient->sex = sexes[i];
	patient->death = vg_read_when(in, member[3]);
	patient->deceased = vg_is_true(member[2]) || *vg_text_of(member[3]);
	patient->deceased_known = member[2] || member[3];
	if (in->unreadable & VG_BAD_DATE)
		vg_unusable(in, VG_CONDITIONS, source->reference, "Patient", "a date of it cannot be read");
	in->unreadable = 0;
}
