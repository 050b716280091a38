/* A SQLite VFS that passes everything on to the one below and writes down, in order, what was written and what was synced.
   From that trace a test builds the disk as a power cut could have left it at any moment.

   Loaded as an extension it becomes the default of its process, so that the product opens its databases through it unchanged.
   BEHOLDEN_TRACE names the file. A record: op, length of the path, offset, length of the data (all 8 bytes, little-endian), path, data. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1

typedef struct Traced {
  sqlite3_file base;
  char *path; /* NULL: not traced */
  sqlite3_file *real;
} Traced;

static sqlite3_vfs *below;
static int trace = -1;

static void told(char op, const char *path, sqlite3_int64 offset, const void *data, sqlite3_int64 length) {
  sqlite3_int64 head[4] = {op, (sqlite3_int64)strlen(path), offset, length};
  struct iovec parts[3] = {{head, sizeof head}, {(void *)path, strlen(path)}, {(void *)data, data ? (size_t)length : 0}};
  ssize_t whole = (ssize_t)(sizeof head + strlen(path) + (data ? (size_t)length : 0));
  if (writev(trace, parts, 3) != whole) abort(); /* a trace with a hole proves nothing */
}

#define REAL(file) (((Traced *)(file))->real)
#define PATH(file) (((Traced *)(file))->path)

static int traced_close(sqlite3_file *file) {
  int rc = REAL(file)->pMethods->xClose(REAL(file));
  sqlite3_free(PATH(file));
  PATH(file) = NULL;
  return rc;
}
static int traced_read(sqlite3_file *file, void *into, int count, sqlite3_int64 at) {
  return REAL(file)->pMethods->xRead(REAL(file), into, count, at);
}
static int traced_write(sqlite3_file *file, const void *data, int count, sqlite3_int64 at) {
  if (PATH(file)) told('W', PATH(file), at, data, count);
  return REAL(file)->pMethods->xWrite(REAL(file), data, count, at);
}
static int traced_truncate(sqlite3_file *file, sqlite3_int64 size) {
  if (PATH(file)) told('T', PATH(file), size, NULL, 0);
  return REAL(file)->pMethods->xTruncate(REAL(file), size);
}
static int traced_sync(sqlite3_file *file, int flags) {
  int rc = REAL(file)->pMethods->xSync(REAL(file), flags);
  if (PATH(file) && rc == SQLITE_OK) told('S', PATH(file), 0, NULL, 0); /* after it: until then nothing is sure */
  return rc;
}
static int traced_size(sqlite3_file *file, sqlite3_int64 *size) {
  return REAL(file)->pMethods->xFileSize(REAL(file), size);
}
static int traced_lock(sqlite3_file *file, int kind) { return REAL(file)->pMethods->xLock(REAL(file), kind); }
static int traced_unlock(sqlite3_file *file, int kind) { return REAL(file)->pMethods->xUnlock(REAL(file), kind); }
static int traced_reserved(sqlite3_file *file, int *held) {
  return REAL(file)->pMethods->xCheckReservedLock(REAL(file), held);
}
static int traced_control(sqlite3_file *file, int op, void *with) {
  return REAL(file)->pMethods->xFileControl(REAL(file), op, with);
}
static int traced_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }
static int traced_device(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }
static int traced_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **at) {
  return REAL(file)->pMethods->xShmMap(REAL(file), page, size, extend, at);
}
static int traced_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return REAL(file)->pMethods->xShmLock(REAL(file), offset, count, flags);
}
static void traced_shm_barrier(sqlite3_file *file) { REAL(file)->pMethods->xShmBarrier(REAL(file)); }
static int traced_shm_unmap(sqlite3_file *file, int remove) {
  return REAL(file)->pMethods->xShmUnmap(REAL(file), remove);
}

static const sqlite3_io_methods METHODS = {
    2, traced_close, traced_read, traced_write, traced_truncate, traced_sync, traced_size, traced_lock,
    traced_unlock, traced_reserved, traced_control, traced_sector, traced_device, traced_shm_map,
    traced_shm_lock, traced_shm_barrier, traced_shm_unmap, NULL, NULL};

static int traced_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *got) {
  Traced *one = (Traced *)file;
  (void)vfs;
  memset(one, 0, sizeof *one);
  one->real = (sqlite3_file *)(one + 1);
  int rc = below->xOpen(below, name, one->real, flags, got);
  if (one->real->pMethods) one->base.pMethods = &METHODS;
  if (rc == SQLITE_OK && name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))) {
    one->path = sqlite3_mprintf("%s", name);
    if (!one->path) return SQLITE_NOMEM;
  }
  return rc;
}
static int traced_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
  (void)vfs;
  int rc = below->xDelete(below, name, sync_folder);
  if (rc == SQLITE_OK) told('D', name, sync_folder, NULL, 0);
  return rc;
}
static int traced_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs;
  return below->xAccess(below, name, flags, out);
}
static int traced_full(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  return below->xFullPathname(below, name, size, out);
}

int sqlite3_tracedvfs_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  static sqlite3_vfs vfs;
  const char *place = getenv("BEHOLDEN_TRACE");
  SQLITE_EXTENSION_INIT2(api);
  (void)db;
  (void)error;
  below = sqlite3_vfs_find(NULL);
  if (!place || !below || (trace = open(place, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0) return SQLITE_ERROR;
  vfs = *below; /* what is not below passes straight through */
  vfs.pNext = NULL;
  vfs.zName = "traced";
  vfs.szOsFile = (int)sizeof(Traced) + below->szOsFile;
  vfs.xOpen = traced_open;
  vfs.xDelete = traced_delete;
  vfs.xAccess = traced_access;
  vfs.xFullPathname = traced_full;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) return SQLITE_ERROR;
  return SQLITE_OK_LOAD_PERMANENTLY;
}
