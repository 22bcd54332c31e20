#!/usr/bin/env python3
"""Writes RxNorm release files as large as the official ones: RXNCONSO.RRF, RXNREL.RRF, RXNSAT.RRF.

usage: generate_rxnorm.py FOLDER [CONCEPTS]

CONCEPTS defaults to 300,000: ingredients, components, products, brands and their forms.  Everything is counted out,
nothing is random: two runs write the same bytes.
"""
import os
import sys

folder = sys.argv[1]
concepts = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
os.makedirs(folder, exist_ok=True)
ingredients = concepts // 20
components = concepts * 3 // 20
products = concepts * 2 // 5
brands = concepts - ingredients - components - products
forms = ["Oral Tablet", "Oral Capsule", "Injectable Solution", "Topical Cream", "Ophthalmic Solution"]
BASE = 5_000_000

conso = open(os.path.join(folder, "RXNCONSO.RRF"), "w", encoding="utf-8")
relations = open(os.path.join(folder, "RXNREL.RRF"), "w", encoding="utf-8")
attributes = open(os.path.join(folder, "RXNSAT.RRF"), "w", encoding="utf-8")


def concept(code, kind, name):
    conso.write(f"{code}|ENG||||||{code}|{code}|{code}||RXNORM|{kind}|{code}|{name}||N|4096|\n")


def relation(a, b, what, back):
    relations.write(f"{a}||CUI|RO|{b}||CUI|{back}|||RXNORM||||||\n{b}||CUI|RO|{a}||CUI|{what}|||RXNORM||||||\n")


def attribute(code, name, value):
    attributes.write(f"{code}|||{code}|AUI|{code}|||{name}|RXNORM|{value}|N|4096|\n")


for i, form in enumerate(forms):
    concept(BASE - 1 - i, "DF", form)
for i in range(ingredients):
    concept(BASE + i, "IN", f"substance {i}")
first_component = BASE + ingredients
for i in range(components):
    code, strength = first_component + i, f"{5 * (1 + i % 40)} MG"
    concept(code, "SCDC", f"substance {i % ingredients} {strength}")
    relation(code, BASE + i % ingredients, "has_ingredient", "ingredient_of")
    attribute(code, "RXN_STRENGTH", strength)
first_product = first_component + components
for i in range(products):
    code, form = first_product + i, i % len(forms)
    parts = sorted({(i * 7 + k * 131) % components for k in range(1 + (i % 5 == 0) + (i % 35 == 0))})
    concept(code, "SCD", " / ".join(f"substance {p % ingredients} {5 * (1 + p % 40)} MG" for p in parts) + " " + forms[form])
    relation(code, BASE - 1 - form, "has_dose_form", "dose_form_of")
    for part in parts:
        relation(code, first_component + part, "consists_of", "constitutes")
    attribute(code, "NDC", f"{i:011d}")
first_brand = first_product + products
for i in range(brands):
    code = first_brand + i
    concept(code, "SBD", f"brand {i} of product {i % products}")
    relation(code, first_product + i % products, "tradename_of", "has_tradename")
    relation(code, BASE - 1 - i % products % len(forms), "has_dose_form", "dose_form_of")
for file in (conso, relations, attributes):
    file.close()
