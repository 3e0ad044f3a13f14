/// Cuts the largest square out of the middle.
///
/// Follows `torchxrayvision.datasets.XRayCenterCrop`, its rounding included: with an odd side the
/// square lies where the halves rounded down put it.
package func centerCrop(_ plane: Plane) -> Plane {
  let side = min(plane.width, plane.height)
  if plane.width == plane.height { return plane }
  let left = plane.width / 2 - side / 2
  let top = plane.height / 2 - side / 2
  return Plane(width: side, height: side) { output in
    plane.values.withUnsafeBufferPointer { values in
      for y in 0..<side {
        let from = (top + y) * plane.width + left
        for x in 0..<side { output[y * side + x] = values[from + x] }
      }
    }
  }
}
