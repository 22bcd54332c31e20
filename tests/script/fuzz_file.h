/* What must hold for any bytes whatever that somebody calls a rule file. */
#ifndef VG_FUZZ_FILE_H
#define VG_FUZZ_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Loads the bytes as a rule file under limits, calls its check functions, and looks at what is said of it.  NULL when
 * all is well, else what is not.  The text is static. */
const char *fuzz_rule_file(const char *bytes, size_t length);

#endif
