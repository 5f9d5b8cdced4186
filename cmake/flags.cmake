# SPDX-License-Identifier: Apache-2.0
# One list of flags for every box, each with its reason.
add_library(flags INTERFACE)

target_compile_options(flags INTERFACE
	# a warning is a defect
	-Wall -Wextra -Werror
	# one name, one meaning
	-Wshadow
	# sizes and signs are where parsers break
	-Wconversion -Wsign-conversion
	# const is a promise
	-Wcast-qual -Wwrite-strings
	# every function is static or declared in a header
	-Wmissing-prototypes -Wstrict-prototypes
	# a misspelt macro is not zero
	-Wundef
	# no stack by the caller's choice
	-Wvla
	# the same source gives the same binary
	-Wdate-time
	-Wformat=2
	# a struct set by {} or by names leaves the rest zero on purpose
	-Wno-missing-field-initializers
	-fno-common -fvisibility=hidden
	-fstack-protector-strong -fstack-clash-protection
	# what was forgotten is zero, not old stack
	-ftrivial-auto-var-init=zero
	# our headers by "name", the system's by <name>: include/limits.h does not hide <limits.h>
	"SHELL:-iquote ${CMAKE_SOURCE_DIR}/include"
	"SHELL:-iquote ${CMAKE_SOURCE_DIR}/agent/lib"
)
if(CMAKE_C_COMPILER_ID MATCHES Clang)
	# clang 14 wants this beside zero initialisation
	target_compile_options(flags INTERFACE
		-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang)
endif()
target_compile_definitions(flags INTERFACE
	_GNU_SOURCE
	_FILE_OFFSET_BITS=64
	MEDIAGATE_VERSION="${PROJECT_VERSION}"
	LIBEXECDIR="/usr/libexec/mediagate"
	$<$<BOOL:${SANDBOX}>:SANDBOX=1>
	$<$<NOT:$<BOOL:${SANDBOX}>>:SANDBOX=0>
)
target_link_options(flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)

if(SANITIZE)
	target_compile_options(flags INTERFACE -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(flags INTERFACE -fsanitize=address,undefined)
else()
	target_compile_options(flags INTERFACE -Wframe-larger-than=16384)
	target_compile_options(flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
endif()
if(FUZZ)
	target_compile_options(flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(COVERAGE)
	target_compile_options(flags INTERFACE --coverage)
	target_link_options(flags INTERFACE --coverage)
endif()
