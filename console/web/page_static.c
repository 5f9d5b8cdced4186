/* SPDX-License-Identifier: Apache-2.0 */
/* What browsers load beside a page: it stands in the program, no file is ever opened for an address. */
#include "pages.h"

__asm__(".section .rodata\n"
        "style_bytes:\n"
        ".incbin \"" STYLE_FILE "\"\n"
        "style_end:\n"
        ".previous\n");
extern const char style_bytes[] __attribute__((visibility("hidden")));
extern const char style_end[] __attribute__((visibility("hidden")));

static const char icon[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect "
                           "width=\"32\" height=\"32\" rx=\"7\" "
                           "fill=\"#1d4e6b\"/><rect x=\"12\" y=\"5\" width=\"8\" height=\"6\" "
                           "fill=\"#dfe9ee\"/><rect x=\"9\" y=\"11\" "
                           "width=\"14\" height=\"16\" rx=\"2\" fill=\"#fff\"/><path d=\"M12.500 19l2.500 "
                           "2.500 4.500-5\" fill=\"none\" "
                           "stroke=\"#1d4e6b\" stroke-width=\"2\"/></svg>";

static int fixed_show(struct Page *p, const char *type, const char *bytes, size_t size)
{
	p->answer->type = type;
	p->answer->fixed = bytes;
	p->answer->size = size;
	p->answer->lasting = true;
	return 0;
}

size_t style_text(const char **ret)
{
	*ret = style_bytes;
	return (size_t)(style_end - style_bytes);
}

int style_show(struct Page *p)
{
	return fixed_show(p, "text/css; charset=utf-8", style_bytes, (size_t)(style_end - style_bytes));
}

int icon_show(struct Page *p)
{
	return fixed_show(p, "image/svg+xml", icon, strlen(icon));
}
