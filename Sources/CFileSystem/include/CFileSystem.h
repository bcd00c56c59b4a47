// Linux calls that Swift's Glibc module does not show.
#pragma once

/// Makes everything on the file system of `descriptor` durable; 0, or -1 and errno.
int file_system_synchronize(int descriptor);

/// Renames, failing with EEXIST when `target` exists; 0, or -1 and errno.
int rename_without_replacing(const char *source, const char *target);
