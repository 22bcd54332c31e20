#!/usr/bin/env python3
"""Writes a rule pack as large as a site's: many products and many interaction rows.

usage: generate_knowledge.py FOLDER [PRODUCTS [ROWS]]

The numbers default to 300,000 products and 1,000,000 rows.  Everything is
counted out, nothing is random: two runs write the same bytes.
"""
import csv
import os
import sys

folder = sys.argv[1]
products = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
rows = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
ingredients = max(10, products // 60)


def table(name, columns, lines):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)


def ingredient(i):
    return f"substance {i}"


def parts(i):
    count = 1 + (i % 5 == 0) + (i % 35 == 0)
    return sorted({(i * 7 + k * 131) % ingredients for k in range(count)})


def product(i):
    strengths = [f"{5 * (1 + (i + k) % 40)} mg" for k, _ in enumerate(parts(i))]
    name = " / ".join(f"{ingredient(p)} {s.upper()}" for p, s in zip(parts(i), strengths)) + " Oral Tablet"
    if i % 2:
        name += f" [Brand {i}]"
    return [10_000_000 + i, "SBD" if i % 2 else "SCD", name, " ".join(str(20_000_000 + p) for p in parts(i)), "; ".join(strengths),
            "oral tablet", "generated", "yes"]


def interaction(i):
    a = i % ingredients
    b = (a + 1 + (i // ingredients) * 3) % ingredients
    return [f"row{i:07d}", ingredient(a), ingredient(b), ("info", "warning", "critical")[i % 3], ("shadow", "active")[i % 2],
            f"{ingredient(a)} with {ingredient(b)}", f"effect {i % 5000}", f"management {i % 3000}", "Pharmacy", "2027-09-01",
            f"Source {i % 500}", f"https://example.org/{i % 500}", "Publisher", 2000 + i % 25, "generated", "yes"]


with_classes = ([f"class {c}", "rxnorm", 20_000_000 + i] for c in range(max(1, ingredients // 20)) for i in range(c * 20, c * 20 + 20)
                if i < ingredients)
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "pack.lua"), "w", encoding="utf-8") as file:
    file.write('pack { name = "generated", version = "1", publisher = "bench", language = "1" }\n')
table("tables/ingredients.csv", ["rxcui", "name", "source", "verified"],
      ([20_000_000 + i, ingredient(i), "generated", "yes"] for i in range(ingredients)))
table("tables/products.csv", ["rxcui", "tty", "name", "ingredients", "strengths", "form", "source", "verified"],
      (product(i) for i in range(products)))
table("sets/classes.csv", ["set", "system", "code"], with_classes)
table("tables/interactions.csv", ["id", "a", "b", "severity", "status", "title", "effect", "management", "owner", "review_by",
                                  "evidence", "url", "publisher", "year", "source", "verified"],
      (interaction(i) for i in range(rows)))
