/// Reading and adding at places given by indices.
///
/// Indices are checked by [org.lehr.kernels.indexing.Indices] before anything is written; sums at repeated
/// places keep the order of the indices because each place has one owner.
package org.lehr.kernels.indexing;
