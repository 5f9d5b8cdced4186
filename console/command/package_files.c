/* SPDX-License-Identifier: Apache-2.0 */
#include "package.h"

#define HOLD(name, file)                                                        \
	__asm__(".section .rodata\n" #name "_bytes:\n"                          \
	        ".incbin \"" file "\"\n" #name "_end:\n"                        \
	        ".previous\n");                                                 \
	extern const char name##_bytes[] __attribute__((visibility("hidden"))); \
	extern const char name##_end[] __attribute__((visibility("hidden")));

HOLD(readme, README_FILE)
HOLD(check, CHECK_FILE)
HOLD(verify, VERIFY_FILE)

bool package_file(size_t i, struct PackageFile *ret)
{
	const struct PackageFile files[] = {
	        {"README.txt", readme_bytes, (size_t)(readme_end - readme_bytes)},
	        {"check.py", check_bytes, (size_t)(check_end - check_bytes)},
	        {"verify.py", verify_bytes, (size_t)(verify_end - verify_bytes)},
	};

	if (i >= ARRAY_SIZE(files))
		return false;
	*ret = files[i];
	return true;
}
