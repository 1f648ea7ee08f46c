// Makes a large camera photo lighter before it travels: on a village's network that is the
// difference between seconds and minutes, and the place stored inside the file stays on the phone.

const WORTH = 1_500_000; // bytes
const EDGE = 2_400; // pixels; the server keeps less

/** A lighter JPEG of `file`, or `file` itself when there is nothing to win. */
export async function shrink(file) {
  if (file.type !== "image/jpeg" || file.size < WORTH || !window.createImageBitmap) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file; // not readable here (odd file, little memory): the server judges the original
  }
}
