/// Networks of many sizes in the weights of one.
package org.lehr.engine.nn.elastic;
