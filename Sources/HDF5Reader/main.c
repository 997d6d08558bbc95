// Reads an HDF5 file for Interchange, in a process of its own: libhdf5 is not safe on hostile files, and what goes wrong here
// takes nothing else with it.
//
//   ridgeline-hdf5 list FILE          every dataset and every attribute that is a text, as records on standard output
//   ridgeline-hdf5 read FILE NAME     one dataset's elements in row-major order, little-endian
//
// A record is a tag of one byte, then fields, each a length in 8 bytes and so many bytes:
//   D  name, element type as in safetensors, extents as text separated by commas, the group's attribute "name"
//   A  name of the attribute, value
//   E  why the file cannot be read; the last record
//   .  the end
//
// Links to other files are not followed, filters are those built into the library, and the process may take a bounded time and
// memory. Whoever started it checks everything again.

#include <hdf5.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// Where the group's own names, and the texts of attributes, end.
#define NAME_LIMIT 4096
#define TEXT_LIMIT 65536
// Groups may hold one another; so many links are followed.
#define LINK_LIMIT 100000

static void put_field(const char *bytes, size_t length) {
  unsigned char size[8];
  for (int i = 0; i < 8; i++) size[i] = (unsigned char)(length >> (8 * i));
  fwrite(size, 1, sizeof size, stdout);
  fwrite(bytes, 1, length, stdout);
}

static void put_text(const char *text) { put_field(text, strlen(text)); }

static _Noreturn void fail(const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  putchar('E');
  put_text(message);
  fflush(stdout);
  _exit(1);
}

// The name of a type in safetensors, and the type in memory; NULL for types that are no plain numbers.
static const char *element_type(hid_t type, hid_t *memory) {
  size_t size = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      // Half precision is told from other floats of two bytes by its fields.
      if (size == 2) {
        size_t sign, exponent, exponent_size, mantissa, mantissa_size;
        if (H5Tget_fields(type, &sign, &exponent, &exponent_size, &mantissa, &mantissa_size) < 0) return NULL;
        *memory = H5Tcopy(type);
        H5Tset_order(*memory, H5T_ORDER_LE);
        if (exponent_size == 5 && mantissa_size == 10) return "F16";
        return exponent_size == 8 && mantissa_size == 7 ? "BF16" : NULL;
      }
      if (size == 4) return *memory = H5T_IEEE_F32LE, "F32";
      if (size == 8) return *memory = H5T_IEEE_F64LE, "F64";
      return NULL;
    case H5T_INTEGER: {
      int is_signed = H5Tget_sign(type) == H5T_SGN_2;
      if (size == 1) return *memory = is_signed ? H5T_STD_I8LE : H5T_STD_U8LE, is_signed ? "I8" : "U8";
      if (size == 2) return *memory = is_signed ? H5T_STD_I16LE : H5T_STD_U16LE, is_signed ? "I16" : "U16";
      if (size == 4) return *memory = is_signed ? H5T_STD_I32LE : H5T_STD_U32LE, is_signed ? "I32" : "U32";
      if (size == 8) return *memory = is_signed ? H5T_STD_I64LE : H5T_STD_U64LE, is_signed ? "I64" : "U64";
      return NULL;
    }
    default: return NULL;
  }
}

// An attribute that is one text, in memory of malloc; NULL where there is none.
static char *text_attribute(hid_t object, const char *name) {
  if (H5Aexists(object, name) <= 0) return NULL;
  char *text = NULL;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  if (H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1) {
    if (H5Tis_variable_str(type) > 0) {
      char *found = NULL;
      hid_t memory = H5Tcopy(H5T_C_S1);
      H5Tset_size(memory, H5T_VARIABLE);
      H5Tset_cset(memory, H5Tget_cset(type));
      if (H5Aread(attribute, memory, &found) >= 0 && found && strlen(found) <= TEXT_LIMIT) text = strdup(found);
      H5Tclose(memory);
    } else {
      size_t size = H5Tget_size(type);
      if (size <= TEXT_LIMIT && (text = calloc(1, size + 1)) && H5Aread(attribute, type, text) < 0) {
        free(text);
        text = NULL;
      }
    }
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return text;
}

static void list_dataset(hid_t group, const char *path, const char *name) {
  hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
  if (dataset < 0) fail("dataset %s cannot be opened", path);
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), memory = -1;
  const char *code = element_type(type, &memory);
  if (code && H5Sget_simple_extent_type(space) == H5S_NULL) fail("dataset %s has no elements and no shape", path);
  int rank = H5Sget_simple_extent_ndims(space);
  hsize_t extents[H5S_MAX_RANK];
  // What holds no numbers, as lists of names do, is no tensor.
  if (code && rank >= 0 && rank <= H5S_MAX_RANK && H5Sget_simple_extent_dims(space, extents, NULL) >= 0) {
    // Bytes that stand in other files are not read.
    hid_t list = H5Dget_create_plist(dataset);
    if (H5Pget_external_count(list) != 0) fail("dataset %s lies in another file", path);
    H5D_layout_t layout = H5Pget_layout(list);
    if (layout == H5D_VIRTUAL) fail("dataset %s is made of other files", path);
    char text[H5S_MAX_RANK * 21 + 1] = "";
    for (int axis = 0; axis < rank; axis++)
      snprintf(text + strlen(text), 22, axis ? ",%" PRIu64 : "%" PRIu64, (uint64_t)extents[axis]);
    char *label = text_attribute(group, "name");
    putchar('D');
    put_text(path);
    put_text(code);
    put_text(text);
    put_text(label ? label : "");
    free(label);
    H5Pclose(list);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(dataset);
}

static long links;

static void list_group(hid_t group, const char *path, int depth) {
  if (depth > 32) fail("groups lie in one another more than 32 deep");
  H5G_info_t information;
  if (H5Gget_info(group, &information) < 0) fail("group %s cannot be read", path);
  for (hsize_t index = 0; index < information.nlinks; index++) {
    if (++links > LINK_LIMIT) fail("there are more than %d links", LINK_LIMIT);
    char name[NAME_LIMIT];
    ssize_t length =
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, name, sizeof name, H5P_DEFAULT);
    if (length < 0 || (size_t)length >= sizeof name) fail("a name in group %s cannot be read", path);
    H5L_info_t link;
    if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0) fail("a link in group %s cannot be read", path);
    if (link.type == H5L_TYPE_EXTERNAL) fail("%s/%s is a link to another file", path, name);
    if (link.type != H5L_TYPE_HARD) continue;
    char full[NAME_LIMIT];
    if (snprintf(full, sizeof full, *path ? "%s/%s" : "%s%s", path, name) >= (int)sizeof full)
      fail("a name in group %s is too long", path);
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) fail("%s cannot be opened", full);
    H5I_type_t kind = H5Iget_type(object);
    if (kind == H5I_GROUP) list_group(object, full, depth + 1);
    if (kind == H5I_DATASET) list_dataset(group, full, name);
    H5Oclose(object);
  }
}

static void list(hid_t file) {
  hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
  if (root < 0) fail("the file has no root");
  const char *attributes[] = {"keras_version", "backend"};
  for (size_t index = 0; index < sizeof attributes / sizeof *attributes; index++) {
    char *text = text_attribute(root, attributes[index]);
    if (!text) continue;
    putchar('A');
    put_text(attributes[index]);
    put_text(text);
    free(text);
  }
  list_group(root, "", 0);
  putchar('.');
}

static void read_dataset(hid_t file, const char *name) {
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  if (dataset < 0) fail("dataset %s cannot be opened", name);
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), memory = -1;
  if (!element_type(type, &memory)) fail("dataset %s holds no numbers", name);
  if (H5Sget_simple_extent_type(space) != H5S_SIMPLE && H5Sget_simple_extent_type(space) != H5S_SCALAR)
    fail("dataset %s has no elements and no shape", name);
  hid_t list = H5Dget_create_plist(dataset);
  if (H5Pget_external_count(list) != 0 || H5Pget_layout(list) == H5D_VIRTUAL) fail("dataset %s lies in other files", name);
  int rank = H5Sget_simple_extent_ndims(space);
  hsize_t extents[H5S_MAX_RANK];
  if (rank < 0 || H5Sget_simple_extent_dims(space, extents, NULL) < 0) fail("dataset %s has no shape", name);
  // Slices along the first axis, of 16 MiB or one index each, so that the whole need not be in memory.
  hsize_t count = rank > 0 ? extents[0] : 1, slice = 1;
  for (int axis = 1; axis < rank; axis++)
    if (__builtin_mul_overflow(slice, extents[axis], &slice)) fail("dataset %s is too large", name);
  size_t size = H5Tget_size(memory), bytes;
  if (__builtin_mul_overflow((size_t)slice, size, &bytes)) fail("dataset %s is too large", name);
  if (bytes == 0 || count == 0) return;
  hsize_t step = (16 << 20) / bytes;
  if (step < 1) step = 1;
  if (step > count) step = count;
  size_t buffer_size;
  if (__builtin_mul_overflow((size_t)step, bytes, &buffer_size)) fail("dataset %s is too large", name);
  // What the library does not fill are zeros and not what was in memory.
  char *buffer = calloc(buffer_size, 1);
  if (!buffer) fail("there is no memory for %zu bytes of dataset %s", buffer_size, name);
  for (hsize_t first = 0; first < count; first += step) {
    hsize_t rows = count - first < step ? count - first : step;
    herr_t status;
    if (rank == 0) {
      status = H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
    } else {
      hsize_t start[H5S_MAX_RANK] = {first}, block[H5S_MAX_RANK];
      memcpy(block, extents, sizeof block);
      block[0] = rows;
      hid_t target = H5Screate_simple(rank, block, NULL);
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, block, NULL);
      status = H5Dread(dataset, memory, target, space, H5P_DEFAULT, buffer);
      H5Sclose(target);
    }
    if (status < 0) _exit(1);
    if (fwrite(buffer, bytes, rows, stdout) != rows) _exit(1);
  }
  free(buffer);
}

static void limit(int what, rlim_t value) {
  struct rlimit limits = {value, value};
  setrlimit(what, &limits);
}

int main(int count, char **arguments) {
  // libhdf5 goes round in circles in some damaged files. A list takes milliseconds, a dataset as long as it is large.
  int lists = count > 2 && !strcmp(arguments[1], "list");
  int last = lists ? 3 : 4;
  long seconds = count > last ? strtol(arguments[last], NULL, 10) : lists ? 15 : 40;
  if (count < 3 || seconds < 1) {
    fputs("usage: ridgeline-hdf5 list FILE [SECONDS] | read FILE NAME [SECONDS]\n", stderr);
    return 64;
  }
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, (rlim_t)seconds);
  limit(RLIMIT_FSIZE, 0);
#ifndef __APPLE__
  limit(RLIMIT_AS, (rlim_t)4 << 30);
#endif
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  // Filters that are plugins would be code of somebody else's.
  H5PLset_loading_state(0);
  hid_t file = H5Fopen(arguments[2], H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) fail("libhdf5 cannot open the file");
  if (lists) {
    list(file);
  } else if (!strcmp(arguments[1], "read") && count > 3) {
    read_dataset(file, arguments[3]);
  } else {
    return 64;
  }
  // No clean-up of the library: the process ends here.
  int status = fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
  _exit(status);
}
