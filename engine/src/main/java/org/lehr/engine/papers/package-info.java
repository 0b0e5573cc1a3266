/// The papers that the library covers, and the studies that show what they claim. A paper is reproduced by one class in
/// [org.lehr.engine.papers.study]; nobody keeps a list.
package org.lehr.engine.papers;
