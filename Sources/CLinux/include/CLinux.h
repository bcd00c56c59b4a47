// Linux calls that Swift's Glibc module does not show.
#pragma once

/// Makes everything on the file system of `descriptor` durable; 0, or -1 and errno.
int file_system_synchronize(int descriptor);

/// Renames, failing with EEXIST when `target` exists; 0, or -1 and errno.
int rename_without_replacing(const char *source, const char *target);

/// Has malloc keep what is freed, up to 8 MiB at the end of each of its heaps, instead of giving it
/// back to the system; blocks from 4 MiB on still go back. For the whole process.
///
/// What a pane frees the next one takes. By itself malloc gives back from 128 KiB on, and each page
/// that it gets again has to be cleared.
void keep_freed_memory(void);
