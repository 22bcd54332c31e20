---@meta
-- made by `vigil words --format luals`; do not edit

---@class vigil.condition
local condition = {}

---Less than the limit; the limit itself is not below.
---```lua
---:is_below "30 mL/min/1.73 m²"
---```
---@param quantity1 string
---@return vigil.condition
function condition:is_below(quantity1) end

---More than the limit; the limit itself is not above.
---```lua
---:is_above "4 g"
---```
---@param quantity1 string
---@return vigil.condition
function condition:is_above(quantity1) end

---The limit or more.
---```lua
---:is_at_least "6.5 %"
---```
---@param quantity1 string
---@return vigil.condition
function condition:is_at_least(quantity1) end

---The limit or less.
---```lua
---:is_at_most "3.5 mmol/L"
---```
---@param quantity1 string
---@return vigil.condition
function condition:is_at_most(quantity1) end

---From the first to the second limit, both included.
---```lua
---:is_between("30 mL/min/1.73 m²", "44 mL/min/1.73 m²")
---```
---@param quantity1 string
---@param quantity2 string
---@return vigil.condition
function condition:is_between(quantity1, quantity2) end

---A coded value (or the order) is of the set.
---```lua
---:is "abnormal"
---```
---@param set1 string
---@return vigil.condition
function condition:is(set1) end

---So much above the lowest value in the window, or more.
---```lua
---:risen_by "50 %" :within "7 days"
---```
---@param quantity1 string
---@return vigil.condition
function condition:risen_by(quantity1) end

---So much below the highest value in the window, or more.
---```lua
---:fallen_by "2 g/dL" :within "48 hours"
---```
---@param quantity1 string
---@return vigil.condition
function condition:fallen_by(quantity1) end

---Not longer ago than this; the last day counts. Hours compare points in time.
---```lua
---:within "90 days"
---```
---@param duration1 string
---@return vigil.condition
function condition:within(duration1) end

---On this day or later.
---```lua
---:since "2020-01-01"
---```
---@param date1 string
---@return vigil.condition
function condition:since(date1) end

---In the year, month or span ("2025-01-01 to 2025-06-30"), "this year" or "last year".
---```lua
---:during "2025"
---```
---@param period1 string
---@return vigil.condition
function condition:during(period1) end

---It began not longer ago than this.
---```lua
---:onset_within "6 months"
---```
---@param duration1 string
---@return vigil.condition
function condition:onset_within(duration1) end

---On the day on which this age was completed, or later.
---```lua
---:after_age "50 years"
---```
---@param age1 string
---@return vigil.condition
function condition:after_age(age1) end

---It has gone on at least so long, renewals joined.
---```lua
---:for_at_least "90 days"
---```
---@param duration1 string
---@return vigil.condition
function condition:for_at_least(duration1) end

---So many different drugs of the set; of readings, so many of them.
---```lua
---:at_least(2)
---```
---@param number1 integer
---@return vigil.condition
function condition:at_least(number1) end

---Given by this route; "systemic" is every route that reaches the whole body. Unknown when the route is not known.
---```lua
---:by_route "topical"
---```
---@param route1 string
---@return vigil.condition
function condition:by_route(route1) end

---This medication alone gives more than so much a day.
---```lua
---:daily_dose_above "2 g"
---```
---@param quantity1 string
---@return vigil.condition
function condition:daily_dose_above(quantity1) end

---Doses follow each other in less time than this.
---```lua
---:more_often_than "1 week"
---```
---@param duration1 string
---@return vigil.condition
function condition:more_often_than(duration1) end

---The order runs longer than this, refills included.
---```lua
---:duration_above "5 days"
---```
---@param duration1 string
---@return vigil.condition
function condition:duration_above(duration1) end

---The order renews what the patient takes already.
---```lua
---:is_renewal
---```
---@return vigil.condition
function condition:is_renewal() end

---A recorded reaction is of the set.
---```lua
---:with_reaction "anaphylaxis"
---```
---@param set1 string
---@return vigil.condition
function condition:with_reaction(set1) end

---The worst recorded reaction is at least mild, moderate or severe; behind `alert`, the alert is info, warning or critical.
---```lua
---:with_severity "severe"
---```
---@param severity1 string
---@return vigil.condition
function condition:with_severity(severity1) end

---Behind `alert`: its text contains this.
---```lua
---:saying "Stomach protection is ordered"
---```
---@param text1 string
---@return vigil.condition
function condition:saying(text1) end

---Behind `alert`: its text does not contain this.
---```lua
---:not_saying "Stomach protection is ordered"
---```
---@param text1 string
---@return vigil.condition
function condition:not_saying(text1) end

---Intolerances (side effects) count too.
---```lua
---:including_intolerance
---```
---@return vigil.condition
function condition:including_intolerance() end

---Inactive and resolved allergies count too.
---```lua
---:ever
---```
---@return vigil.condition
function condition:ever() end

---Only the newest so many readings.
---```lua
---:last(3)
---```
---@param number1 integer
---@return vigil.condition
function condition:last(number1) end

---The reading is more than the limit; of two numbers, either.
---```lua
---:above "140/90 mm[Hg]"
---```
---@param limit1 string
---@return vigil.condition
function condition:above(limit1) end

---The reading is less than the limit; of two numbers, both.
---```lua
---:below "90/60 mm[Hg]"
---```
---@param limit1 string
---@return vigil.condition
function condition:below(limit1) end

---Only events of different days are counted.
---```lua
---:times(2) :on_different_days
---```
---@return vigil.condition
function condition:on_different_days() end

---One whose result is of this set does not count.
---```lua
---:unless_result "abnormal"
---```
---@param set1 string
---@return vigil.condition
function condition:unless_result(set1) end

---At least so often.
---```lua
---:times(2)
---```
---@param number1 integer
---@return vigil.condition
function condition:times(number1) end

---At least so many doses, of different days.
---```lua
---:doses_at_least(2)
---```
---@param number1 integer
---@return vigil.condition
function condition:doses_at_least(number1) end

---In satisfied_by: due again so long after it was done.
---```lua
---:every "10 years"
---```
---@param duration1 string
---@return vigil.condition
function condition:every(duration1) end

---In satisfied_by: done once, it is never due again.
---```lua
---:once
---```
---@return vigil.condition
function condition:once() end

---In needs: the unit in which the function reads the number.
---```lua
---:in_unit "mg/dL"
---```
---@param text1 string
---@return vigil.condition
function condition:in_unit(text1) end

---In examples: when it was, a date or so long ago.
---```lua
---:on "3 years ago"
---```
---@param date1 string
---@return vigil.condition
function condition:on(date1) end

---In examples: when it ended.
---```lua
---:ended "10 days ago"
---```
---@param date1 string
---@return vigil.condition
function condition:ended(date1) end

---In examples: the dose of a day.
---```lua
---:daily_dose "2 g"
---```
---@param quantity1 string
---@return vigil.condition
function condition:daily_dose(quantity1) end

---In examples: how long the order runs.
---```lua
---:lasting "10 days"
---```
---@param duration1 string
---@return vigil.condition
function condition:lasting(duration1) end

---In examples: the order renews what is taken.
---```lua
---:renewing
---```
---@return vigil.condition
function condition:renewing() end

---In examples: recorded as an intolerance, not an allergy.
---```lua
---:as_intolerance
---```
---@return vigil.condition
function condition:as_intolerance() end

---In examples: the allergy is recorded as inactive.
---```lua
---:inactive
---```
---@return vigil.condition
function condition:inactive() end

---In examples: the result, a set of coded values or a quantity.
---```lua
---:with_result "abnormal"
---```
---@param value1 string|number
---@return vigil.condition
function condition:with_result(value1) end

---@class vigil.expectation: vigil.condition
---@class vigil.action

---True when every condition is true, false when one is false, else unknown.
---```lua
---all { pregnant, taking "warfarin" }
---```
---@param conditions1 vigil.condition[]
---@return vigil.condition
function all(conditions1) end

---True when one condition is true, false when all are false, else unknown.
---```lua
---any { taking "heparin", taking "warfarin" }
---```
---@param conditions1 vigil.condition[]
---@return vigil.condition
function any(conditions1) end

---True when all conditions are false, false when one is true, else unknown.
---```lua
---none { in_hospice, deceased }
---```
---@param conditions1 vigil.condition[]
---@return vigil.condition
function none(conditions1) end

---True when so many conditions are true, false when they no longer can be, else unknown.
---```lua
---at_least(2, { has_condition "hypertension", has_condition "diabetes", age_at_least "75 years" })
---```
---@param number1 integer
---@param conditions2 vigil.condition[]
---@return vigil.condition
function at_least(number1, conditions2) end

---What the `define` of this name says.
---```lua
---meets "hospice services"
---```
---@param definition1 string
---@return vigil.condition
function meets(definition1) end

---The condition, shown under this label in traces and reports.
---```lua
---named("high risk of bleeding", any { age_at_least "80 years", ever_had "major bleeding" })
---```
---@param label1 string
---@param condition2 vigil.condition
---@return vigil.condition
function named(label1, condition2) end

---Age in completed years (months when written so) from the first to the second, both included: 75 lasts until the day before the 76th birthday.
---```lua
---age_between("45 years", "75 years")
---```
---@param age1 string
---@param age2 string
---@return vigil.condition
function age_between(age1, age2) end

---The patient has completed this age; true on the birthday itself.
---```lua
---age_at_least "65 years"
---```
---@param age1 string
---@return vigil.condition
function age_at_least(age1) end

---The patient has not yet completed this age; false on the birthday itself.
---```lua
---age_below "18 years"
---```
---@param age1 string
---@return vigil.condition
function age_below(age1) end

---The administrative sex of the record: female, male or other. Unknown when it is missing or recorded as unknown.
---```lua
---sex "female"
---```
---@param sex1 string
---@return vigil.condition
function sex(sex1) end

---An active pregnancy begun at most 300 days ago, or a due date ahead. Unknown with an older active pregnancy or one without a date.
---```lua
---pregnant
---```
---@type vigil.condition
pregnant = {}

---Hospice care is recorded as a current condition or encounter, or as an order or procedure of the last year.
---```lua
---in_hospice
---```
---@type vigil.condition
in_hospice = {}

---The record says that the patient has died. A record that says nothing counts as living.
---```lua
---deceased
---```
---@type vigil.condition
deceased = {}

---Where the patient is seen: inpatient, outpatient, emergency, home or virtual. Unknown when the request does not tell.
---```lua
---in_setting "inpatient"
---```
---@param setting1 string
---@return vigil.condition
function in_setting(setting1) end

---A drug of the set is active in the record; orders being made do not count.
---```lua
---taking "warfarin"
---```
---@param set1 string
---@return vigil.condition
function taking(set1) end

---One of the orders being judged is of the set.
---```lua
---ordering "systemic NSAID"
---```
---@param set1 string
---@return vigil.condition
function ordering(set1) end

---A drug of the set is active in the record, among the orders being judged, or among the other drafts. The word for protection.
---```lua
---will_be_taking "proton pump inhibitor"
---```
---@param set1 string
---@return vigil.condition
function will_be_taking(set1) end

---A drug of the set was begun, in the window when there is one. A renewal of what was taken until then is no start.
---```lua
---started "glucose-lowering drug" :within "60 days"
---```
---@param set1 string
---@return vigil.condition
function started(set1) end

---A drug of the set was stopped, in the window when there is one, and is not taken from another prescription.
---```lua
---stopped "MAO inhibitor" :within "14 days"
---```
---@param set1 string
---@return vigil.condition
function stopped(set1) end

---The sum over all products that are active or ordered, as-needed ones at their maximum. A dose that cannot be read makes the sum at least what could be read.
---```lua
---total_daily_dose("acetaminophen") :is_above "4 g"
---```
---@param set1 string
---@return vigil.condition
function total_daily_dose(set1) end

---A condition of the set is active now.
---```lua
---has_condition "heart failure"
---```
---@param set1 string
---@return vigil.condition
function has_condition(set1) end

---A condition of the set is or was recorded, resolved ones too.
---```lua
---ever_had "colorectal cancer"
---```
---@param set1 string
---@return vigil.condition
function ever_had(set1) end

---A relative is recorded with a condition of the set.
---```lua
---family_history_of "breast cancer"
---```
---@param set1 string
---@return vigil.condition
function family_history_of(set1) end

---An active allergy to something of the set, or to a whole class that holds the set. Intolerances count only when they are asked for.
---```lua
---has_allergy_to "penicillin" :with_severity "severe"
---```
---@param set1 string
---@return vigil.condition
function has_allergy_to(set1) end

---A result of the set with a value exists; with a comparison, one that meets it.
---```lua
---resulted "HbA1c" :within "6 months"
---```
---@param set1 string
---@return vigil.condition
function resulted(set1) end

---The newest value in the window, taken first and then judged. Unknown when there is none.
---```lua
---latest "eGFR" :is_below "30 mL/min/1.73 m²" :within "1 year"
---```
---@param set1 string
---@return vigil.condition
function latest(set1) end

---Of the newest readings so many are above (or below) the limit. Unknown when there is no reading in the window.
---```lua
---readings "blood pressure" :last(3) :at_least(2) :above "140/90 mm[Hg]" :on_different_days
---```
---@param set1 string
---@return vigil.condition
function readings(set1) end

---A procedure, result, report or immunisation of the set was done; the set's codes decide where it is looked for.
---```lua
---done "colonoscopy" :within "10 years"
---```
---@param set1 string
---@return vigil.condition
function done(set1) end

---It is recorded as not done or refused.
---```lua
---declined "colonoscopy" :within "1 year"
---```
---@param set1 string
---@return vigil.condition
function declined(set1) end

---The chart holds an order for it. Orders being made do not count.
---```lua
---ordered "colonoscopy" :within "90 days"
---```
---@param set1 string
---@return vigil.condition
function ordered(set1) end

---A completed immunisation of the set; two of one day are one dose.
---```lua
---vaccinated "zoster vaccine" :doses_at_least(2)
---```
---@param set1 string
---@return vigil.condition
function vaccinated(set1) end

---An encounter of the set took place.
---```lua
---visited "dialysis" :within "30 days"
---```
---@param set1 string
---@return vigil.condition
function visited(set1) end

---The order that is judged; for a rule about what is taken, the medication that is judged.
---```lua
---this_order :is "extended-release opioid"
---```
---@type vigil.condition
this_order = {}

---The member of the matched pair that belongs to the set; outside a pair, the drug that is judged.
---```lua
---the "systemic NSAID" :by_route "topical"
---```
---@param set1 string
---@return vigil.condition
function the(set1) end

---The other member of the matched pair.
---```lua
---other_drug :is "strong CYP3A4 inhibitor"
---```
---@type vigil.condition
other_drug = {}

---Any order; only behind when_ordering.
---```lua
---when_ordering = anything
---```
---@type vigil.condition
anything = {}

---The completed years as a number; only in needs.
---```lua
---needs = { age = age_in_years }
---```
---@type vigil.condition
age_in_years = {}

---A need that may be unknown: the function is called all the same and reads nil; only in needs.
---```lua
---needs = { weight = optional(latest "body weight" :within "1 year") }
---```
---@param condition1 vigil.condition
---@return vigil.condition
function optional(condition1) end

---Offers to take the order back.
---```lua
---suggest = { cancel_this_order }
---```
---@type vigil.action
cancel_this_order = {}

---Offers to replace the order with the preferred product of the set.
---```lua
---suggest = { order_instead "paracetamol" }
---```
---@param set1 string
---@return vigil.action
function order_instead(set1) end

---Offers to add an order for the preferred code of the set.
---```lua
---suggest = { order "FIT" }
---```
---@param set1 string
---@return vigil.action
function order(set1) end

---Offers to put the order off, until when in words.
---```lua
---suggest = { postpone_this_order "until 60 days after the last HbA1c" }
---```
---@param text1 string
---@return vigil.action
function postpone_this_order(text1) end

---Shows a link beside the alert.
---```lua
---suggest = { link("Dosing table", "https://example.org/dosing") }
---```
---@param label1 string
---@param url2 string
---@return vigil.action
function link(label1, url2) end

---The patient was born so long before the example's day.
---```lua
---given = { age "70 years" }
---```
---@param age1 string
---@return vigil.condition
function age(age1) end

---The patient's date of birth; partial dates too.
---```lua
---given = { born "1950-02-03" }
---```
---@param date1 string
---@return vigil.condition
function born(date1) end

---A condition that is resolved.
---```lua
---given = { had "colorectal cancer" :on "2010-05-01" }
---```
---@param set1 string
---@return vigil.condition
function had(set1) end

---A final result, of the example's day when no date is given.
---```lua
---given = { result("eGFR", "24 mL/min/1.73 m²", "2 months ago") }
---```
---@param set1 string
---@param value2 string|number
---@param date3? string
---@return vigil.condition
function result(set1, value2, date3) end

---The section was not supplied; with :since, it is complete only from that day.
---```lua
---given = { no_information "procedures" }
---```
---@param section1 string
---@return vigil.condition
function no_information(section1) end

---The rule fires; the rule's id alone says the same.
---```lua
---expect = { alert "warfarin-nsaid" :with_severity "critical" }
---```
---@param rule1 string
---@return vigil.expectation
function alert(rule1) end

---The rule asks, because something that it needs is unknown.
---```lua
---expect = { ask "metformin-low-egfr" }
---```
---@param rule1 string
---@return vigil.expectation
function ask(rule1) end

---The rule comes out unknown and is listed as not evaluated.
---```lua
---expect = { not_evaluated "metformin-low-egfr" }
---```
---@param rule1 string
---@return vigil.expectation
function not_evaluated(rule1) end

---The rule neither fires nor asks.
---```lua
---expect = { silent "warfarin-nsaid" }
---```
---@param rule1 string
---@return vigil.expectation
function silent(rule1) end

---The screening is overdue.
---```lua
---expect = { overdue "colorectal-cancer" }
---```
---@param rule1 string
---@return vigil.expectation
function overdue(rule1) end

---The screening is due within its `due_soon`, or on the day itself.
---```lua
---expect = { due_soon "colorectal-cancer" }
---```
---@param rule1 string
---@return vigil.expectation
function due_soon(rule1) end

---The screening is up to date.
---```lua
---expect = { up_to_date "colorectal-cancer" }
---```
---@param rule1 string
---@return vigil.expectation
function up_to_date(rule1) end

---The screening's status cannot be told from the record.
---```lua
---expect = { indeterminate "colorectal-cancer" }
---```
---@param rule1 string
---@return vigil.expectation
function indeterminate(rule1) end

---The screening is not meant for the patient.
---```lua
---expect = { not_applicable "colorectal-cancer" }
---```
---@param rule1 string
---@return vigil.expectation
function not_applicable(rule1) end

---@class vigil.lines.interaction
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field severity string info, warning or critical; a screening without one is info.
---@field between string[] The two sets of drugs of an interaction.
---@field still_counts? table How long a drug of the pair acts after it was stopped.
---@field if_all? vigil.condition[] The requirements: the rule fires when all are true.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field if_unknown? string What to do when the requirements are unknown: "stay silent" (without it), "ask" or "warn".
---@field needs? table What the check function reads, by name.
---@field check? fun(p: table, this_order: table?): boolean? Arithmetic that the words do not have; true, false or nil for unknown.
---@field cases? any[] Contexts: the first whose if_all or if_any is true decides the severity and adds its sentence; severity = "silent" takes the alert away.
---@field warn string What the clinician reads below the title, with placeholders.
---@field ask? string What the clinician reads when the rule asks.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---Two drugs together; fires on the order that completes the pair.
---```lua
---interaction "warfarin-nsaid" { title = "…", severity = "warning", between = { "warfarin", "systemic NSAID" }, warn = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.interaction)
function interaction(id) end

---@class vigil.lines.allergy
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field severity string info, warning or critical; a screening without one is info.
---@field allergic_to string The set of allergens.
---@field when_ordering string|vigil.condition The rule is asked for each order of this set; `anything` is any order.
---@field if_all? vigil.condition[] The requirements: the rule fires when all are true.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field if_unknown? string What to do when the requirements are unknown: "stay silent" (without it), "ask" or "warn".
---@field needs? table What the check function reads, by name.
---@field check? fun(p: table, this_order: table?): boolean? Arithmetic that the words do not have; true, false or nil for unknown.
---@field cases? any[] Contexts: the first whose if_all or if_any is true decides the severity and adds its sentence; severity = "silent" takes the alert away.
---@field warn string What the clinician reads below the title, with placeholders.
---@field ask? string What the clinician reads when the rule asks.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---An order against a recorded allergy to something else; plain allergies need no rule.
---```lua
---allergy "penicillin-cephalosporin" { title = "…", severity = "warning", allergic_to = "penicillin", when_ordering = "cephalosporin", warn = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.allergy)
function allergy(id) end

---@class vigil.lines.contraindication
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field severity string info, warning or critical; a screening without one is info.
---@field when_ordering? string|vigil.condition The rule is asked for each order of this set; `anything` is any order.
---@field when_taking? string The rule is asked for each active medication of this set, at chart opening, at discharge, at a new problem or allergy, and in scans; of nobody who has died.
---@field if_all vigil.condition[] The requirements: the rule fires when all are true.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field if_unknown? string What to do when the requirements are unknown: "stay silent" (without it), "ask" or "warn".
---@field needs? table What the check function reads, by name.
---@field check? fun(p: table, this_order: table?): boolean? Arithmetic that the words do not have; true, false or nil for unknown.
---@field cases? any[] Contexts: the first whose if_all or if_any is true decides the severity and adds its sentence; severity = "silent" takes the alert away.
---@field warn string What the clinician reads below the title, with placeholders.
---@field ask? string What the clinician reads when the rule asks.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---One drug against a condition, a laboratory value, age, pregnancy or a dose.
---```lua
---contraindication "metformin-low-egfr" { title = "…", severity = "critical", when_ordering = "metformin", if_all = { … }, warn = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.contraindication)
function contraindication(id) end

---@class vigil.lines.duplicate_therapy
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field severity string info, warning or critical; a screening without one is info.
---@field class string The class of which the patient should have no more than `at_most`; "same ingredient" is any drug twice.
---@field at_most? number How many drugs of the class are well; 1 without it.
---@field if_all? vigil.condition[] The requirements: the rule fires when all are true.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field if_unknown? string What to do when the requirements are unknown: "stay silent" (without it), "ask" or "warn".
---@field cases? any[] Contexts: the first whose if_all or if_any is true decides the severity and adds its sentence; severity = "silent" takes the alert away.
---@field warn string What the clinician reads below the title, with placeholders.
---@field ask? string What the clinician reads when the rule asks.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---More drugs of one class at once than make sense; class = "same ingredient" is any drug twice.
---```lua
---duplicate_therapy "two-statins" { title = "…", severity = "warning", class = "statin", at_most = 1, warn = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.duplicate_therapy)
function duplicate_therapy(id) end

---@class vigil.lines.duplicate_test
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field severity string info, warning or critical; a screening without one is info.
---@field test string The test that should not be repeated.
---@field within string The time in which the same test tells nothing new; the last day counts.
---@field if_all? vigil.condition[] The requirements: the rule fires when all are true.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field if_unknown? string What to do when the requirements are unknown: "stay silent" (without it), "ask" or "warn".
---@field cases? any[] Contexts: the first whose if_all or if_any is true decides the severity and adds its sentence; severity = "silent" takes the alert away.
---@field warn string What the clinician reads below the title, with placeholders.
---@field ask? string What the clinician reads when the rule asks.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---The same test again before it can tell anything new.
---```lua
---duplicate_test "hba1c" { title = "…", severity = "info", test = "HbA1c", within = "60 days", warn = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.duplicate_test)
function duplicate_test(id) end

---@class vigil.lines.screening
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field for_patients vigil.condition[] Whom a screening is for.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field satisfied_by any[] What satisfies a screening, and for how long: each with :every or :once.
---@field due_soon? string How long before the due date a screening is due soon.
---@field remind string What the clinician reads when a screening is due.
---@field ask? string What the clinician reads when the rule asks.
---@field severity? string info, warning or critical; a screening without one is info.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---A preventive service with a schedule; yields a status and dates.
---```lua
---screening "colorectal-cancer" { title = "…", for_patients = { … }, satisfied_by = { done "colonoscopy" :every "10 years" }, remind = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.screening)
function screening(id) end

---@class vigil.lines.rule
---@field title string The summary of the alert: fewer than 140 characters, no placeholders.
---@field severity string info, warning or critical; a screening without one is info.
---@field when_ordering? string|vigil.condition The rule is asked for each order of this set; `anything` is any order.
---@field when_taking? string The rule is asked for each active medication of this set, at chart opening, at discharge, at a new problem or allergy, and in scans; of nobody who has died.
---@field when_opening_chart? boolean The rule is asked once when the chart is opened, and in scans.
---@field when_discharging? boolean The rule is asked once at discharge.
---@field if_all? vigil.condition[] The requirements: the rule fires when all are true.
---@field unless_any? vigil.condition[] The exceptions: one that is true keeps the rule silent; an unknown one does not.
---@field if_unknown? string What to do when the requirements are unknown: "stay silent" (without it), "ask" or "warn".
---@field needs? table What the check function reads, by name.
---@field check? fun(p: table, this_order: table?): boolean? Arithmetic that the words do not have; true, false or nil for unknown.
---@field cases? any[] Contexts: the first whose if_all or if_any is true decides the severity and adds its sentence; severity = "silent" takes the alert away.
---@field warn string What the clinician reads below the title, with placeholders.
---@field ask? string What the clinician reads when the rule asks.
---@field status? string draft and shadow rules do not alert; active ones need passing examples; retired ones do not run. active without it.
---@field owner? string Who answers for the rule.
---@field review_by? string The day by which the rule is to be reviewed; `vigil lint` tells when it is past.
---@field evidence? table What the rule rests on: title, url, publisher, year, grade, source, verified.
---@field accept_override? any[] Reasons for going on in spite of the alert.
---@field suggest? any[] What the clinician may do with one click.
---@field replaces? any[] Ids of rows and rules whose verdict this one's takes the place of, silence included.

---The general form: one or more occasions, requirements, exceptions and a text.
---```lua
---rule "…" { title = "…", severity = "info", when_opening_chart = true, if_all = { … }, warn = "…" }
---```
---@param id string
---@return fun(lines: vigil.lines.rule)
function rule(id) end

---A named condition, used as meets "hospice services".
---```lua
---define "hospice services" { any { in_hospice, visited "hospice visit" } }
---```
---@param id string
---@return fun(lines: vigil.condition[])
function define(id) end

---@class vigil.lines.example
---@field today string The day of an example.
---@field given any[] What is in an example's record, and what is ordered.
---@field expect? any[] What must come; other alerts may come too.
---@field expect_only? any[] What must come, and nothing else may; { } is nothing.
---@field known_gap? string Why an example fails and may.
---@field hook? string The CDS hook of an example; order-sign when something is ordered, else patient-view, without it.

---A patient and what the rules must say about him; run whenever the pack is loaded.
---```lua
---example "ibuprofen on warfarin" { today = "2026-03-01", given = { … }, expect = { "warfarin-nsaid" } }
---```
---@param id string
---@return fun(lines: vigil.lines.example)
function example(id) end

---@class vigil.lines.pack
---@field name string The pack's name.
---@field version string The pack's version.
---@field publisher? string Who publishes the pack.
---@field language? string The version of the rule language that the pack needs.
---@field description? string What the pack is for.
---@field url? string Where the pack comes from.
---@field licence? string The pack's licence.

---What the folder's pack.lua says about the pack.
---```lua
---pack "vigil-starter" { … }
---```
---@param id string|vigil.lines.pack
---@return fun(lines: vigil.lines.pack)
function pack(id) end
