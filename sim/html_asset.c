/*
 * report.css and report.js, as text. The assembler reads the files, so that they
 * stay files of their own kind; the Makefile knows that this one depends on them.
 */
#include "html_page.h"

#define ASSET(symbol, path)                                                   \
	__asm__(".pushsection .rodata\n"                                      \
		".global " #symbol "\n"                                       \
		".type " #symbol ", @object\n" #symbol ":\n"                  \
		".incbin \"" path "\"\n"                                      \
		".byte 0\n"                                                   \
		".size " #symbol ", . - " #symbol "\n"                        \
		".popsection\n")

ASSET(html_css, "sim/report.css");
ASSET(html_js, "sim/report.js");
