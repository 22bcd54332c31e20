#!/usr/bin/env python3
"""One patient bundle a line, through Apache Spark's pipe: wherever the site's Spark runs.

    spark-submit docs/population/spark.py BUNDLES RESULT [OPTION OF vigil scan]...

BUNDLES is a file or folder that Spark can read (one bundle a line, gzip too), RESULT a folder that it makes.  `vigil` and its
packs must be at the same place on every worker, or VIGIL names it.  Each partition goes through one process of `vigil scan -`:
a line in, a line out, in order.  Status 3 (some lines could not be read: they stand in the result as lines with "error") is no
failure of the job; any other status fails the task, and Spark tries it again.  Line numbers in errors count within a partition.
"""
import os
import shlex
import sys

from pyspark.sql import SparkSession


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    bundles, result, options = sys.argv[1], sys.argv[2], sys.argv[3:]
    scan = shlex.join([os.environ.get("VIGIL", "vigil"), "scan", "-", "--format", "ndjson", "--jobs", "1", *options])
    spark = SparkSession.builder.appName("vigil scan").getOrCreate()
    command = "sh -c " + shlex.quote(f"{scan} || [ $? -eq 3 ]")
    spark.sparkContext.textFile(bundles).pipe(command, checkCode=True).saveAsTextFile(result)
    spark.stop()


if __name__ == "__main__":
    main()
